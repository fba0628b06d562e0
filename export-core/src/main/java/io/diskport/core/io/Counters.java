package io.diskport.core.io;

import io.diskport.api.manage.BlockStats;
import java.util.concurrent.atomic.LongAdder;

/** What the requests of one export came to. Any thread; adding takes no lock. */
public final class Counters {
    private final Latencies reads = new Latencies();
    private final Latencies writes = new Latencies();
    private final Latencies flushes = new Latencies();
    private final LongAdder readBytes = new LongAdder();
    private final LongAdder writtenBytes = new LongAdder();
    private final LongAdder discards = new LongAdder();
    private final LongAdder errors = new LongAdder();

    void read(long bytes, long nanos) {
        readBytes.add(bytes);
        reads.add(nanos);
    }

    void written(long bytes, long nanos) {
        writtenBytes.add(bytes);
        writes.add(nanos);
    }

    void flushed(long nanos) {
        flushes.add(nanos);
    }

    void discarded() {
        discards.increment();
    }

    void failed() {
        errors.increment();
    }

    /** The counters as they are now. */
    public BlockStats snapshot(long inFlight) {
        return new BlockStats(
                reads.count(),
                writes.count(),
                readBytes.sum(),
                writtenBytes.sum(),
                flushes.count(),
                discards.sum(),
                errors.sum(),
                inFlight,
                reads.snapshot(),
                writes.snapshot(),
                flushes.snapshot());
    }
}
