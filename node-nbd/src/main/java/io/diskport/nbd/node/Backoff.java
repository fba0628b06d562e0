package io.diskport.nbd.node;

/** How long to wait before the next attempt to connect: 100 ms, doubling to 1 s. */
final class Backoff {
    private static final long FIRST_MILLIS = 100;
    private static final long LONGEST_MILLIS = 1000;

    private long next = FIRST_MILLIS;

    long nextMillis() {
        long now = next;
        next = Math.min(2 * now, LONGEST_MILLIS);
        return now;
    }

    void reset() {
        next = FIRST_MILLIS;
    }
}
