package io.diskport.vhost.blk;

import io.diskport.natives.NativeMemory;

/** What a queue touches of the front-end's memory. Any thread reads; a halted queue's changes. */
final class SharedMemory {
    private volatile GuestMemory guest = GuestMemory.NONE;

    /** Null if there is none. */
    private volatile Inflight inflight;

    void use(GuestMemory newGuest, Inflight newInflight) {
        guest = newGuest;
        inflight = newInflight;
    }

    /**
     * Sees to it that this thread has met no fault, which the JVM would tell of late, or tell
     * somebody else who is served by the same thread later.
     *
     * @throws InternalError if some of the memory is not there any more
     */
    void check() {
        Inflight tracking = inflight;
        if (guest.isCut() || tracking != null && tracking.isCut()) {
            NativeMemory.surfaceFaults();
            throw new InternalError("shared memory is cut");
        }
    }
}
