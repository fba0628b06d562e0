package io.diskport.nbd.server;

/**
 * Whether writes of which the node cannot say that they need not wait are fast all the same, as
 * with the page cache of most file systems: a guess from those before. Any thread; a lost update
 * does not matter.
 */
final class WriteGuess {
    private static final long NANOS = 60_000;
    private static final int MOST = 16;

    private volatile int slowness = MOST;

    boolean areFast() {
        return slowness < MOST / 2;
    }

    /** Notes a write; a large one that is only copied takes its time, too. */
    void note(long nanos, long bytes) {
        int now = slowness;
        slowness = nanos > NANOS + bytes ? MOST : Math.max(0, now - 1);
    }
}
