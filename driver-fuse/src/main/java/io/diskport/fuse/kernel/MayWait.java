package io.diskport.fuse.kernel;

/**
 * Hears when serving a request may have to wait, so that others take requests meanwhile. Each
 * {@link #begin} is followed by its {@link #end} on the same thread.
 */
interface MayWait {
    /** What a request is that may wait: those of one kind take about as long. */
    enum Kind {
        READ,
        WRITE,
        /** Flushes, changes of the length and the like: always slow. */
        OTHER
    }

    void begin(Kind kind);

    /**
     * It waits no longer.
     *
     * @param bytes how many were read or written
     */
    void end(long bytes);
}
