package io.diskport.file;

import io.diskport.api.node.FileLease;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The leases of one node that have not been given back. */
final class FileLeases {
    private final Set<Lease> open = ConcurrentHashMap.newKeySet();

    FileLease lend(int descriptor, long length, boolean writable, Runnable revoke) {
        Lease lease = new Lease(descriptor, length, writable, revoke);
        open.add(lease);
        return lease;
    }

    /** Whether somebody may make the file longer without asking. */
    boolean mayGrow() {
        return open.stream().anyMatch(lease -> lease.writable);
    }

    /** Asks every holder to give its lease back; a holder's error does not stop the others. */
    void revokeAll() {
        for (Lease lease : List.copyOf(open)) {
            try {
                lease.revoke.run();
            } catch (RuntimeException e) {
                // the holder's fault; what follows is not to suffer from it
            }
            lease.close();
        }
    }

    private final class Lease implements FileLease {
        private final int descriptor;
        private final long length;
        private final boolean writable;
        private final Runnable revoke;

        Lease(int descriptor, long length, boolean writable, Runnable revoke) {
            this.descriptor = descriptor;
            this.length = length;
            this.writable = writable;
            this.revoke = revoke;
        }

        @Override
        public int descriptor() {
            return descriptor;
        }

        @Override
        public long offset() {
            return 0;
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public boolean writable() {
            return writable;
        }

        @Override
        public void close() {
            open.remove(this);
        }
    }
}
