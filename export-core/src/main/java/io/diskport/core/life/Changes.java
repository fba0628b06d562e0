package io.diskport.core.life;

import io.diskport.api.manage.Entry;
import io.diskport.api.manage.Manager.Change;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Tells listeners of changes, in order, on one thread, so that no change waits for a listener. */
final class Changes {
    private final List<Consumer<Change<? extends Entry>>> listeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<Item>> freedListeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> driverListeners = new CopyOnWriteArrayList<>();
    private final Logger log;
    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(
                    1,
                    1,
                    1,
                    TimeUnit.SECONDS,
                    new LinkedBlockingQueue<>(),
                    task -> {
                        Thread worker = new Thread(task, "diskport-changes");
                        worker.setDaemon(true);
                        worker.setContextClassLoader(null);
                        return worker;
                    });

    Changes(Logger log) {
        this.log = log;
        // Made here, so that it inherits nothing from the bundle that causes the first change.
        thread.prestartCoreThread();
    }

    /** An item is in another state. */
    void changed(Item item) {
        if (!listeners.isEmpty()) {
            thread.execute(() -> tell(new Change<>(item.entry(), false)));
        }
    }

    /** An item is gone, and its id is free; said once. */
    void gone(Item item) {
        thread.execute(
                () -> {
                    freedListeners.forEach(listener -> safely(listener, item));
                    if (!listeners.isEmpty()) {
                        tell(new Change<>(item.entry(), true));
                    }
                });
    }

    /** The driver tables are others. */
    void driversChanged() {
        if (!driverListeners.isEmpty()) {
            thread.execute(() -> driverListeners.forEach(this::safely));
        }
    }

    void close() {
        thread.shutdown();
    }

    AutoCloseable watch(Consumer<Change<? extends Entry>> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    AutoCloseable watchFreed(Consumer<Item> listener) {
        freedListeners.add(listener);
        return () -> freedListeners.remove(listener);
    }

    AutoCloseable watchDrivers(Runnable listener) {
        driverListeners.add(listener);
        return () -> driverListeners.remove(listener);
    }

    private void tell(Change<? extends Entry> change) {
        listeners.forEach(listener -> safely(listener, change));
    }

    private void safely(Runnable listener) {
        safely(ignored -> listener.run(), null);
    }

    private <T> void safely(Consumer<? super T> listener, T argument) {
        try {
            listener.accept(argument);
        } catch (RuntimeException | LinkageError e) {
            log.log(Level.WARNING, "A listener of changes failed", e);
        }
    }
}
