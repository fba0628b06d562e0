package io.diskport.core.io;

import io.diskport.api.BlockIOException;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Keeps writes of one node that change a part of a block (read, modify, write) apart from all other
 * writes to that block, whichever user of the node they come from.
 *
 * <p>As long as nobody does such a write, the others only count themselves and take no lock. The
 * first one to come waits for those, and until the last has gone every write notes its range.
 */
final class RangeLocks {
    /** A range that is being written; null stands for a write that only counted itself. */
    record Range(long start, long end, boolean exclusive) {
        boolean conflicts(Range other) {
            return start < other.end && other.start < end && (exclusive || other.exclusive);
        }
    }

    private final LongAdder begun = new LongAdder();
    private final LongAdder ended = new LongAdder();
    private final AtomicInteger exclusives = new AtomicInteger();
    private final List<Range> ranges = new ArrayList<>();

    /** Begins a write of whole blocks if it need not wait. */
    boolean tryShared() {
        begun.increment();
        VarHandle.fullFence();
        if (exclusives.get() == 0) {
            return true;
        }
        ended.increment();
        return false;
    }

    /** Begins a write of whole blocks. */
    Range shared(long start, long end) throws BlockIOException {
        return tryShared() ? null : await(new Range(start, end, false));
    }

    /** Begins a write that reads before it writes; the range is of whole blocks. */
    Range exclusive(long start, long end) throws BlockIOException {
        exclusives.incrementAndGet();
        VarHandle.fullFence();
        try {
            for (int spins = 0; !noneCounted(); spins++) {
                lookAgain(spins);
            }
            return await(new Range(start, end, true));
        } catch (BlockIOException | RuntimeException | Error e) {
            exclusives.decrementAndGet();
            throw e;
        }
    }

    /** Ends a write with what its beginning returned. */
    void end(Range range) {
        if (range == null) {
            ended.increment();
            return;
        }
        synchronized (ranges) {
            for (int i = 0; i < ranges.size(); i++) {
                if (ranges.get(i) == range) {
                    ranges.remove(i);
                    break;
                }
            }
        }
        if (range.exclusive()) {
            exclusives.decrementAndGet();
        }
    }

    private boolean noneCounted() {
        long before = ended.sum();
        return begun.sum() == before;
    }

    private Range await(Range range) throws BlockIOException {
        for (int spins = 0; !add(range); spins++) {
            lookAgain(spins);
        }
        return range;
    }

    /** Blocks are small and writes of parts are rare: looking again soon beats a queue. */
    private static void lookAgain(int spins) throws BlockIOException {
        if (spins < 100) {
            Thread.onSpinWait();
        } else {
            Waits.sleep(Math.min(1_000_000L, 10_000L * (spins - 99)));
        }
    }

    private boolean add(Range range) {
        synchronized (ranges) {
            for (Range other : ranges) {
                if (range.conflicts(other)) {
                    return false;
                }
            }
            ranges.add(range);
            return true;
        }
    }
}
