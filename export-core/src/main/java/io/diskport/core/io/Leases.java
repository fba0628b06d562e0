package io.diskport.core.io;

import io.diskport.api.node.FileLease;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The files that one user of a node has been lent. */
final class Leases {
    private static final System.Logger LOG = System.getLogger(Leases.class.getName());

    private final Set<Lease> leases = ConcurrentHashMap.newKeySet();

    int count() {
        return leases.size();
    }

    /**
     * Lends what the node gives, unless the user's end has come meanwhile.
     *
     * @param returned called when it is given back
     */
    Optional<FileLease> lend(
            Optional<FileLease> inner, Runnable revoke, Gate gate, Runnable returned) {
        if (inner.isEmpty()) {
            return inner;
        }
        Lease lease = new Lease(inner.get(), revoke, returned);
        leases.add(lease);
        if (gate.isShut()) {
            lease.close();
            return Optional.empty();
        }
        return Optional.of(lease);
    }

    /** Has every holder give its lease back. */
    void revoke() {
        for (Lease lease : leases) {
            try {
                lease.revoke.run();
            } catch (RuntimeException | LinkageError e) {
                LOG.log(Level.WARNING, "A holder of a file did not give it back", e);
            }
        }
    }

    private final class Lease implements FileLease {
        private final FileLease inner;
        private final Runnable revoke;
        private final Runnable returned;

        Lease(FileLease inner, Runnable revoke, Runnable returned) {
            this.inner = inner;
            this.revoke = revoke;
            this.returned = returned;
        }

        @Override
        public int descriptor() {
            return inner.descriptor();
        }

        @Override
        public long offset() {
            return inner.offset();
        }

        @Override
        public long length() {
            return inner.length();
        }

        @Override
        public boolean writable() {
            return inner.writable();
        }

        @Override
        public void close() {
            if (leases.remove(this)) {
                returned.run();
                inner.close();
            }
        }
    }
}
