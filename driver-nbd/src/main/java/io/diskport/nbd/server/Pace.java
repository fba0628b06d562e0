package io.diskport.nbd.server;

/**
 * How soon to look for the next requests of a client that has many under way. To look at once finds
 * one or two, and costs as many calls as to find ten; the client pays for each wake-up, too. So
 * while it still has replies to read, it is left alone for some microseconds.
 *
 * <p>How many requests it has under way shows when it is left alone until it has nothing to do,
 * which is done for a moment every tenth of a second. A rest that finds more than half of them was
 * too long, and rests are not taken for a while. One thread.
 */
final class Pace {
    /** Fewer requests under way are not worth a rest. */
    private static final int SHALLOW = 8;

    private static final long SHORTEST = 5_000;
    private static final long LONGEST = 250_000;
    private static final long STEP = 1_000;
    private static final int SHORTEST_PAUSE = 64;
    private static final int LONGEST_PAUSE = 8192;
    private static final long PROBE = 400_000;
    private static final long BETWEEN_PROBES = 100_000_000;

    /** A rest so long that finds a single request may be one that the client waits through. */
    private static final long DOUBTFUL = 20_000;

    private static final long BETWEEN_DOUBTS = 10_000_000;

    private int depth = 1;
    private boolean together;
    private boolean doubted;
    private boolean probed;
    private long lastProbe = System.nanoTime() - BETWEEN_PROBES;
    private long rest = SHORTEST;
    private boolean rested;
    private int pause;
    private int nextPause = SHORTEST_PAUSE;

    /**
     * Learns from what came.
     *
     * @param requests how many came together
     * @return how long to leave the client alone, in nanoseconds
     */
    long after(int requests) {
        depth = probed ? requests : Math.max(depth, requests);
        probed = false;
        if (rested) {
            rested = false;
            judge(requests);
        }
        together |= requests > 1;
        return together || depth >= SHALLOW ? next() : 0;
    }

    /** Whether the client has other requests under way when one has come. */
    boolean isDeep() {
        return depth > 1;
    }

    private long next() {
        long now = System.nanoTime();
        if (now - lastProbe > (doubted ? BETWEEN_DOUBTS : BETWEEN_PROBES)) {
            lastProbe = now;
            probed = true;
            together = false;
            doubted = false;
            return PROBE;
        }
        if (pause > 0) {
            pause--;
            return 0;
        }
        rested = depth >= SHALLOW;
        return rested ? rest : 0;
    }

    private void judge(int requests) {
        doubted |= requests < 2 && rest > DOUBTFUL;
        if (requests >= depth - 1) {
            // It had nothing left to do.
            if (rest == SHORTEST) {
                pause = nextPause;
                nextPause = Math.min(LONGEST_PAUSE, nextPause * 2);
            }
            rest = Math.max(SHORTEST, rest / 2);
        } else if (2 * requests > depth) {
            rest = Math.max(SHORTEST, rest - STEP);
        } else {
            rest = Math.min(LONGEST, rest + STEP);
            nextPause = Math.max(SHORTEST_PAUSE, nextPause / 2);
        }
    }
}
