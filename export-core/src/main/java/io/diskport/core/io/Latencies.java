package io.diskport.core.io;

import io.diskport.api.export.Latency;
import java.util.concurrent.atomic.LongAdder;

/** A histogram of durations, in the buckets of {@link Latency}. Any thread; takes no lock. */
final class Latencies {
    private final LongAdder[] buckets = new LongAdder[Latency.buckets()];
    private final LongAdder total = new LongAdder();

    Latencies() {
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = new LongAdder();
        }
    }

    void add(long nanos) {
        total.add(nanos);
        buckets[Latency.bucket(nanos)].increment();
    }

    long count() {
        long count = 0;
        for (LongAdder bucket : buckets) {
            count += bucket.sum();
        }
        return count;
    }

    Latency snapshot() {
        long[] counts = new long[buckets.length];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = buckets[i].sum();
        }
        return Latency.of(counts, total.sum());
    }
}
