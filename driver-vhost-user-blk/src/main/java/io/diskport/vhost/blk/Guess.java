package io.diskport.vhost.blk;

/**
 * Whether it is worthwhile to try a request without waiting: where that failed again and again, it
 * is tried now and then only. Of one queue's thread.
 */
final class Guess {
    private static final int PATIENCE = 4;
    private static final int MOST_DOUBLINGS = 6;

    private int failures;
    private int skip;

    boolean isWorthwhile() {
        if (skip > 0) {
            skip--;
            return false;
        }
        return true;
    }

    void note(boolean done) {
        if (done) {
            failures = 0;
            return;
        }
        failures = Math.min(failures + 1, PATIENCE + MOST_DOUBLINGS);
        skip = failures < PATIENCE ? 0 : 1 << failures - PATIENCE;
    }
}
