package io.diskport.qmp;

import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.ExportEntry;
import io.diskport.api.manage.ExportManager;
import io.diskport.api.manage.Manager.Change;
import io.diskport.qmp.Shape.Member;
import io.diskport.qmp.Shape.Struct;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Tells clients of what happens: that an export is gone. */
final class Events implements AutoCloseable {
    /** An export is gone. */
    static final String EXPORT_DELETED = "BLOCK_EXPORT_DELETED";

    /** The events that there are, and their data. */
    static final Map<String, Struct> ALL =
            Map.of(EXPORT_DELETED, Struct.of(Member.required("id", Shape.STRING)));

    private static final long NANOS_OF_MICRO = 1000;

    private final List<Consumer<Map<String, Object>>> listeners = new CopyOnWriteArrayList<>();
    private final ExportManager exports;
    private final BooleanSupplier ending;
    private final AutoCloseable watch;
    private final Object telling = new Object();

    /**
     * Exports that ran, and of which it was not said yet that they are gone, in the order in which
     * they came.
     */
    private final Set<String> running = new LinkedHashSet<>();

    /** Those of them that end beside each other and are told of in order. */
    private final Set<String> together = new HashSet<>();

    /** Those of them that are gone while one that came before is not. */
    private final Set<String> early = new HashSet<>();

    /** Says that one is gone, to whoever deletes it. */
    private final Set<Departure> departures = new HashSet<>();

    /**
     * Begins to listen.
     *
     * @param ending whether the daemon is ending
     */
    Events(ExportManager exports, BooleanSupplier ending) {
        this.exports = exports;
        this.ending = ending;
        this.watch = exports.watch(this::changed);
        for (ExportEntry entry : exports.list()) {
            changed(new Change<>(entry, false));
        }
    }

    /** Has every event from now on told, until that is closed. The listener does not block. */
    AutoCloseable subscribe(Consumer<Map<String, Object>> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    private void changed(Change<ExportEntry> change) {
        ExportEntry entry = change.entry();
        EntryState state = entry.state();
        boolean ran = state == EntryState.RUNNING || state == EntryState.SHUTTING_DOWN;
        if (!change.gone()) {
            if (ran) {
                running(entry.id());
            }
            return;
        }
        synchronized (this) {
            // One that could not be added is gone too, and nobody knew of it.
            if (!running.contains(entry.id()) && !ran && !entry.desired()) {
                arrived(List.of(entry.id()));
                return;
            }
            if (ending.getAsBoolean()) {
                together.addAll(running);
            }
            early.add(entry.id());
        }
        tellWhatIsDue();
    }

    /**
     * Has the events of exports come in the order in which the exports did, as QEMU does, while
     * they end beside each other; until that is closed. So it is when the daemon ends.
     */
    Order inOrder(List<String> ids) {
        synchronized (this) {
            together.addAll(ids);
        }
        return () -> {
            synchronized (this) {
                together.removeAll(ids);
            }
            tellWhatIsDue();
        };
    }

    private void tellWhatIsDue() {
        // What is due is told by one thread, or its order would be lost.
        synchronized (telling) {
            List<String> due = due();
            due.forEach(id -> tell(EXPORT_DELETED, Map.of("id", id)));
            arrived(due);
        }
    }

    private synchronized List<String> due() {
        List<String> due = new ArrayList<>(early);
        List<String> waiting = running.stream().filter(together::contains).toList();
        due.removeAll(waiting);
        waiting.stream().takeWhile(early::contains).forEach(due::add);
        return due;
    }

    private synchronized void arrived(List<String> ids) {
        ids.forEach(
                id -> {
                    running.remove(id);
                    together.remove(id);
                    early.remove(id);
                    departures.removeIf(departure -> departure.arrived(id));
                });
        notifyAll();
    }

    /**
     * An export runs; said by whoever made it, this does not have to be heard first. If it is gone
     * already, that was said, or never will be.
     */
    synchronized void running(String id) {
        if (exports.find(id).isPresent()) {
            running.add(id);
        }
    }

    private void tell(String name, Map<String, Object> data) {
        Instant now = Instant.now();
        Map<String, Object> event = new LinkedHashMap<>();
        event.put(
                "timestamp",
                Map.of(
                        "seconds",
                        now.getEpochSecond(),
                        "microseconds",
                        now.getNano() / NANOS_OF_MICRO));
        event.put("event", name);
        event.put("data", data);
        listeners.forEach(listener -> listener.accept(event));
    }

    /** The coming event that an export is gone, to be asked for before it is deleted. */
    synchronized Departure departure(String id) {
        Departure departure = new Departure(id);
        departures.add(departure);
        return departure;
    }

    /** Waits until there is no export and that was said of each; false if time ran out. */
    boolean awaitNone(long millis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (true) {
            boolean none = exports.list().isEmpty();
            synchronized (this) {
                if (none && running.isEmpty()) {
                    return true;
                }
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    return false;
                }
                // The last thing to happen is an event; the pause is for one that has none.
                wait(Math.min(left, 100));
            }
        }
    }

    @Override
    public void close() throws Exception {
        watch.close();
    }

    /** How long events come in order. */
    interface Order extends AutoCloseable {
        @Override
        void close();
    }

    /** Whether it was said that an export is gone. */
    final class Departure implements AutoCloseable {
        private final String id;
        private boolean gone;

        private Departure(String id) {
            this.id = id;
        }

        private boolean arrived(String which) {
            gone |= which.equals(id);
            return gone;
        }

        /** Waits until it was said to all listeners, for so long. */
        void await(long millis) throws InterruptedException {
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
            synchronized (Events.this) {
                long left = millis;
                while (!gone && left > 0) {
                    Events.this.wait(left);
                    left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                }
            }
        }

        @Override
        public void close() {
            synchronized (Events.this) {
                departures.remove(this);
            }
        }
    }
}
