package io.diskport.fuse.kernel;

import io.diskport.fuse.kernel.MayWait.Kind;

/**
 * Whether requests that may wait do: a guess from those before, which costs little. Any thread; a
 * lost update does not matter.
 */
final class Slowness {
    private static final long NANOS = 60_000;
    private static final int MOST = 16;

    // Above the half, what comes next is expected to wait: so is the first.
    private volatile int reads = MOST;
    private volatile int writes = MOST;

    boolean expects(Kind kind) {
        return switch (kind) {
            case READ -> reads > MOST / 2;
            case WRITE -> writes > MOST / 2;
            case OTHER -> true;
        };
    }

    /** Whether reads or writes are expected to wait. */
    boolean isAny() {
        return reads > MOST / 2 || writes > MOST / 2;
    }

    /** Notes a request; a large one that is copied from memory takes its time and waits not. */
    void note(Kind kind, long nanos, long bytes) {
        int step = nanos > NANOS + bytes ? 1 : -1;
        if (kind == Kind.READ) {
            reads = step(reads, step);
        } else if (kind == Kind.WRITE) {
            writes = step(writes, step);
        }
    }

    private static int step(int value, int step) {
        return Math.max(0, Math.min(MOST, value + step));
    }

    /** Something waits that was not expected to. */
    void wasWrong() {
        reads = MOST;
        writes = MOST;
    }
}
