package io.diskport.nbd.node;

import java.util.Arrays;

/**
 * Which bytes of a read have come, in chunks of any order: none may come twice, and none may be
 * left out, for then a client would see what its buffer held before.
 */
final class Coverage {
    /** What chunks of 4 KiB in the worst order need for the largest read, and more. */
    private static final int MOST_RUNS = 1 << 14;

    // runs that do not touch, ascending; mostly there is one, which begins at 0
    private int[] starts = new int[4];
    private int[] ends = new int[4];
    private int runs;
    private long total;

    void clear() {
        runs = 0;
        total = 0;
    }

    /** How many bytes have come. */
    long total() {
        return total;
    }

    void add(int start, int end) throws ProtocolViolation {
        int at = runs;
        // chunks mostly come in order
        if (runs > 0 && start < starts[runs - 1]) {
            at = -Arrays.binarySearch(starts, 0, runs, start) - 1;
            if (at < 0) {
                throw twice(start);
            }
        }
        if (at > 0 && ends[at - 1] > start || at < runs && starts[at] < end) {
            throw twice(start);
        }
        boolean joinsBefore = at > 0 && ends[at - 1] == start;
        boolean joinsAfter = at < runs && starts[at] == end;
        if (joinsBefore && joinsAfter) {
            ends[at - 1] = ends[at];
            remove(at);
        } else if (joinsBefore) {
            ends[at - 1] = end;
        } else if (joinsAfter) {
            starts[at] = start;
        } else {
            insert(at, start, end);
        }
        total += end - start;
    }

    private void insert(int at, int start, int end) throws ProtocolViolation {
        if (runs == MOST_RUNS) {
            throw new ProtocolViolation("a read is answered in too many pieces");
        }
        if (runs == starts.length) {
            starts = Arrays.copyOf(starts, 2 * runs);
            ends = Arrays.copyOf(ends, 2 * runs);
        }
        System.arraycopy(starts, at, starts, at + 1, runs - at);
        System.arraycopy(ends, at, ends, at + 1, runs - at);
        starts[at] = start;
        ends[at] = end;
        runs++;
    }

    private void remove(int at) {
        System.arraycopy(starts, at + 1, starts, at, runs - at - 1);
        System.arraycopy(ends, at + 1, ends, at, runs - at - 1);
        runs--;
    }

    private static ProtocolViolation twice(int start) {
        return new ProtocolViolation(
                "the byte at " + start + " of a read, or one near it, comes twice");
    }
}
