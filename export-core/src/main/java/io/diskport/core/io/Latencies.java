package io.diskport.core.io;

import io.diskport.api.manage.BlockStats.Latency;
import java.util.concurrent.atomic.LongAdder;

/** A histogram of durations: four buckets for each power of two nanoseconds. */
final class Latencies {
    private static final int BUCKETS = 4 * 40;

    private final LongAdder[] buckets = new LongAdder[BUCKETS];
    private final LongAdder total = new LongAdder();

    Latencies() {
        for (int i = 0; i < BUCKETS; i++) {
            buckets[i] = new LongAdder();
        }
    }

    void add(long nanos) {
        total.add(nanos);
        buckets[bucket(nanos)].increment();
    }

    long count() {
        long count = 0;
        for (LongAdder bucket : buckets) {
            count += bucket.sum();
        }
        return count;
    }

    Latency snapshot() {
        long[] counts = new long[BUCKETS];
        long count = 0;
        int highest = 0;
        for (int i = 0; i < BUCKETS; i++) {
            counts[i] = buckets[i].sum();
            count += counts[i];
            highest = counts[i] > 0 ? i : highest;
        }
        if (count == 0) {
            return Latency.NONE;
        }
        return new Latency(
                total.sum() / count,
                percentile(counts, count, 50),
                percentile(counts, count, 99),
                upperBound(highest));
    }

    private static long percentile(long[] counts, long count, int percent) {
        long wanted = Math.max(1, (count * percent + 99) / 100);
        long seen = 0;
        for (int i = 0; i < BUCKETS; i++) {
            seen += counts[i];
            if (seen >= wanted) {
                return upperBound(i);
            }
        }
        return upperBound(BUCKETS - 1);
    }

    static int bucket(long nanos) {
        if (nanos < 4) {
            return (int) Math.max(0, nanos);
        }
        int power = 63 - Long.numberOfLeadingZeros(nanos);
        int quarter = (int) (nanos >> power - 2) & 3;
        return Math.min(BUCKETS - 1, 4 * (power - 1) + quarter);
    }

    static long upperBound(int bucket) {
        if (bucket < 4) {
            return bucket;
        }
        int power = bucket / 4 + 1;
        return (1L << power) + ((bucket % 4 + 1L) << power - 2) - 1;
    }
}
