package io.diskport.nbd.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The exports of one server by name. A name may be held for an export that is being handed over to
 * the driver's next version: who asks for it waits. Any thread.
 */
final class ExportTable {
    private static final long HELD_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Map<String, NbdExport> exports = new LinkedHashMap<>();
    private final Map<String, Long> heldUntil = new HashMap<>();

    /** Offers an export; false if another one has the name. */
    synchronized boolean add(String name, NbdExport export) {
        boolean added = exports.putIfAbsent(name, export) == null;
        if (added) {
            heldUntil.remove(name);
            notifyAll();
        }
        return added;
    }

    /** Offers an export no more. */
    synchronized void remove(String name, NbdExport export) {
        exports.remove(name, export);
    }

    /** Offers an export no more, but says that it will come back. */
    synchronized void hold(String name, NbdExport export) {
        if (exports.remove(name, export)) {
            hold(name);
        }
    }

    synchronized void hold(String name) {
        heldUntil.put(name, System.nanoTime() + HELD_NANOS);
    }

    /** Whether an export that takes nobody in any more is, or was, handed over. */
    synchronized boolean isHandedOver(NbdExport export) {
        forget();
        NbdExport now = exports.get(export.name());
        return heldUntil.containsKey(export.name()) || now != null && now != export;
    }

    /** The names that are held. */
    synchronized List<String> held() {
        forget();
        return List.copyOf(heldUntil.keySet());
    }

    /**
     * The export that a client means; the empty name means the only one.
     *
     * @param gaveUp whether the caller waits no more for one that is held
     */
    synchronized Optional<NbdExport> find(String name, BooleanSupplier gaveUp) {
        while (true) {
            NbdExport found = exports.get(name);
            if (found == null && name.isEmpty() && exports.size() + heldUntil.size() == 1) {
                found = exports.values().stream().findFirst().orElse(null);
            }
            boolean wait = heldUntil.containsKey(name) || name.isEmpty() && !heldUntil.isEmpty();
            if (found != null || !wait || !await(gaveUp)) {
                return Optional.ofNullable(found);
            }
        }
    }

    /** All of them, once none is held any more. */
    synchronized List<NbdExport> list(BooleanSupplier gaveUp) {
        boolean waits = true;
        while (waits && !heldUntil.isEmpty()) {
            waits = await(gaveUp);
        }
        return new ArrayList<>(exports.values());
    }

    synchronized int size() {
        return exports.size();
    }

    private boolean await(BooleanSupplier gaveUp) {
        try {
            wait(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        forget();
        return !gaveUp.getAsBoolean();
    }

    private void forget() {
        long now = System.nanoTime();
        heldUntil.values().removeIf(until -> until - now < 0);
    }
}
