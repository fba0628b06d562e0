package io.diskport.nbd.server;

/**
 * How soon to look for the next requests of a client that has many under way. To look at once finds
 * one or two, and costs as many calls as to find ten; the client pays for each wake-up, too. So
 * while it still has replies to read, it is left alone for some microseconds. A guess that learns
 * from what comes: if a rest finds most of what the client has, it had nothing left to do, and
 * rests are not taken for a while. One thread.
 */
final class Pace {
    /** Fewer requests under way are not worth it. */
    private static final int SHALLOW = 8;

    private static final long SHORTEST = 5_000;
    private static final long LONGEST = 60_000;
    private static final long STEP = 1_000;
    private static final int SHORTEST_PAUSE = 64;
    private static final int LONGEST_PAUSE = 8192;

    /** After so many batches what the most was is forgotten a little. */
    private static final int MEMORY = 4096;

    private int depth;
    private int batches;
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
        note(requests);
        if (rested) {
            rested = false;
            judge(requests);
        }
        if (depth < SHALLOW || requests < 2) {
            return 0;
        }
        if (pause > 0) {
            pause--;
            return 0;
        }
        rested = true;
        return rest;
    }

    /** Whether the client has other requests under way when one has come. */
    boolean isDeep() {
        return depth > 1;
    }

    private void note(int requests) {
        if (requests > depth) {
            depth = requests;
        } else if (++batches >= MEMORY) {
            batches = 0;
            depth -= (depth + 7) / 8;
        }
    }

    private void judge(int requests) {
        if (2 * requests > depth) {
            rest = Math.max(SHORTEST, rest / 2);
            pause = nextPause;
            nextPause = Math.min(LONGEST_PAUSE, nextPause * 2);
        } else {
            rest = Math.min(LONGEST, rest + STEP);
            nextPause = Math.max(SHORTEST_PAUSE, nextPause - 1);
        }
    }
}
