package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.export.Client;
import io.diskport.api.manage.ClientEntry;
import io.diskport.core.io.Backend;
import io.diskport.core.io.Usage;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Who uses one run of an export. */
final class Clients {
    private static final long FOR_EVER = Long.MAX_VALUE;

    private final String exportName;
    private final Set<Handle> handles = new LinkedHashSet<>();
    private boolean closed;
    private boolean hardened;
    private long deadline = FOR_EVER;

    Clients(String exportName) {
        this.exportName = exportName;
    }

    synchronized Client register(String description, Backend backend) throws BlockException {
        if (closed) {
            throw new BlockException(
                    Reason.SHUTTING_DOWN, exportName + " is shutting down and takes no clients");
        }
        Usage usage = new Usage();
        Handle handle = new Handle(description, usage, backend.forClient(usage));
        handles.add(handle);
        return handle;
    }

    synchronized List<ClientEntry> list() {
        return handles.stream().map(Handle::entry).toList();
    }

    synchronized int count() {
        return handles.size();
    }

    /** Takes no clients from now on. */
    synchronized void close() {
        closed = true;
    }

    /** The same if there is none; otherwise nothing is done. */
    synchronized boolean closeIfNone() {
        if (handles.isEmpty()) {
            closed = true;
        }
        return closed && handles.isEmpty();
    }

    /** Takes clients again after all. */
    synchronized void reopen() {
        closed = false;
    }

    /** Whoever waits for the clients waits so long at the most, from now on. */
    synchronized void harden(long millis) {
        hardened = true;
        deadline = Math.min(deadline, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis));
        notifyAll();
    }

    /** Waits until there is no client, or until {@link #harden} was called. */
    synchronized void awaitNoneOrHardened() throws InterruptedException {
        while (!handles.isEmpty() && !hardened) {
            wait();
        }
    }

    /** Waits until there is no client, as long as {@link #harden} said. */
    synchronized void awaitNone() throws InterruptedException {
        while (!handles.isEmpty()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    private synchronized void remove(Handle handle) {
        handles.remove(handle);
        notifyAll();
    }

    private final class Handle implements Client {
        private final String description;
        private final Usage usage;
        private final Backend backend;
        private final Map<String, String> details = new TreeMap<>();

        Handle(String description, Usage usage, Backend backend) {
            this.description = description;
            this.usage = usage;
            this.backend = backend;
        }

        @Override
        public BlockBackend backend() {
            return backend;
        }

        @Override
        public void detail(String name, String value) {
            synchronized (Clients.this) {
                details.put(name, value);
            }
        }

        @Override
        public void close() {
            remove(this);
        }

        ClientEntry entry() {
            return new ClientEntry(
                    description, new TreeMap<>(details), usage.requests(), usage.bytes());
        }
    }
}
