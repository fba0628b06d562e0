package io.diskport.fuse.file;

import io.diskport.api.export.BlockBackend;
import java.util.concurrent.atomic.LongAdder;

/**
 * Whether what the kernel has cached of the file is still right when it is opened. Any thread.
 *
 * <p>The kernel would drop it at every open unless told otherwise. That is not harmless: it takes a
 * page that is being written out of the cache before the daemon has the new content, and who reads
 * it then may put the old content there to stay. So it is dropped only where somebody else than
 * this export has changed the node or a client has written past the cache, or where nobody can
 * write through this export at all.
 */
final class CacheValidity {
    // Until then whoever saw a change has had its answer, and the kernel has dropped what it had.
    private static final long SETTLE_NANOS = 1_000_000_000L;

    private final BlockBackend backend;
    private final LongAdder pastCache = new LongAdder();
    private long seen;
    private long seenAt = System.nanoTime() - SETTLE_NANOS;

    CacheValidity(BlockBackend backend) {
        this.backend = backend;
        this.seen = backend.changesByOthers();
    }

    synchronized boolean isKept() {
        if (!backend.writable()) {
            return false;
        }
        long changes = backend.changesByOthers() + pastCache.sum();
        long now = System.nanoTime();
        if (changes != seen) {
            seen = changes;
            seenAt = now;
        }
        return now - seenAt > SETTLE_NANOS;
    }

    /**
     * An O_DIRECT write was done: the kernel drops cached pages before it, and not always after.
     */
    void wrotePastCache() {
        pastCache.increment();
    }

    synchronized long save() {
        return seen - pastCache.sum();
    }

    synchronized void restore(long saved) {
        seen = saved;
    }
}
