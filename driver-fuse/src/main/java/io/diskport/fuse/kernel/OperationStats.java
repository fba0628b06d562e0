package io.diskport.fuse.kernel;

import io.diskport.api.export.Latency;
import io.diskport.api.export.RequestStats;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** Counts the requests of one export by operation. Any thread; counting takes no lock. */
final class OperationStats {
    private final AtomicReferenceArray<Counts> counts =
            new AtomicReferenceArray<>(Protocol.OPCODES);

    /**
     * A request has come.
     *
     * @return when, for {@link #end}
     */
    long begin(int opcode) {
        of(opcode).begun.increment();
        return System.nanoTime();
    }

    /** A request has been answered. */
    void end(int opcode, long begun, boolean failed) {
        Counts operation = of(opcode);
        if (failed) {
            operation.failed.increment();
        } else {
            long nanos = System.nanoTime() - begun;
            operation.nanos.add(nanos);
            operation.buckets[Latency.bucket(nanos)].increment();
        }
        operation.ended.increment();
    }

    /** The operations that have occurred, in the order of their numbers. */
    List<RequestStats> snapshot() {
        List<RequestStats> all = new ArrayList<>();
        for (int opcode = 0; opcode < Protocol.OPCODES; opcode++) {
            Counts operation = counts.get(opcode);
            if (operation != null) {
                all.add(operation.snapshot(Protocol.name(opcode)));
            }
        }
        return all;
    }

    private Counts of(int opcode) {
        int index = opcode >= 0 && opcode < Protocol.OPCODES ? opcode : 0;
        Counts found = counts.get(index);
        if (found == null) {
            counts.compareAndSet(index, null, new Counts());
            found = counts.get(index);
        }
        return found;
    }

    private static final class Counts {
        final LongAdder begun = new LongAdder();
        final LongAdder ended = new LongAdder();
        final LongAdder failed = new LongAdder();
        final LongAdder nanos = new LongAdder();
        final LongAdder[] buckets =
                Stream.generate(LongAdder::new).limit(Latency.buckets()).toArray(LongAdder[]::new);

        RequestStats snapshot(String name) {
            long errors = failed.sum();
            long finished = ended.sum();
            long inFlight = Math.max(0, begun.sum() - finished);
            long[] histogram = Stream.of(buckets).mapToLong(LongAdder::sum).toArray();
            Latency latency = Latency.of(histogram, nanos.sum());
            return new RequestStats(name, finished - errors, errors, inFlight, latency);
        }
    }
}
