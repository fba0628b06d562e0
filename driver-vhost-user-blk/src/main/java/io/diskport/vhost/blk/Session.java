package io.diskport.vhost.blk;

import io.diskport.api.export.BlockBackend;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;

/** What all threads that serve one front-end share. Any thread. */
final class Session {
    final Device device;
    final BlockBackend backend;
    final Executor executor;
    final System.Logger log;

    private final Event wake;
    private final AtomicReference<Misbehaviour> failure = new AtomicReference<>();
    private volatile long features;
    private volatile boolean cached = true;
    private volatile boolean writesThrough = true;
    private volatile boolean dropping;
    private volatile Runnable requestsEnd;

    /**
     * Nothing is agreed on yet.
     *
     * @param backend of the client, which counts its requests
     * @param wake of the thread of messages
     */
    Session(Device device, BlockBackend backend, Executor executor, System.Logger log, Event wake) {
        this.device = device;
        this.backend = backend;
        this.executor = executor;
        this.log = log;
        this.wake = wake;
    }

    /** The front-end is to lose its connection; only the first reason counts. */
    void fail(Misbehaviour reason) {
        failure.compareAndSet(null, reason);
        wake.signal();
    }

    Optional<Misbehaviour> failure() {
        return Optional.ofNullable(failure.get());
    }

    long features() {
        return features;
    }

    boolean has(long feature) {
        return (features & feature) != 0;
    }

    void setFeatures(long newFeatures) {
        features = newFeatures;
        update();
    }

    /** Whether the guest's write cache is on, as far as it may say so. */
    boolean isCached() {
        return cached;
    }

    void setCached(boolean on) {
        cached = on;
        update();
    }

    /** Section 5.2.6.2: who cannot flush, or has switched the cache off, wants no cache. */
    private void update() {
        writesThrough = !has(VirtioBlk.F_FLUSH) || has(VirtioBlk.F_CONFIG_WCE) && !cached;
    }

    /** Whether writes are on stable storage before they are done. */
    boolean writesThrough() {
        return writesThrough;
    }

    /** From now on requests that the end of the export lets fail are the next back-end's to do. */
    void drop() {
        dropping = true;
    }

    /** Is called after each request that ends from now on. */
    void whenRequestsEnd(Runnable action) {
        requestsEnd = action;
        action.run();
    }

    /** A request in the node has ended, and touches guest memory no more. */
    void requestEnded() {
        Runnable action = requestsEnd;
        if (action != null) {
            action.run();
        }
    }

    boolean isDropping() {
        return dropping;
    }
}
