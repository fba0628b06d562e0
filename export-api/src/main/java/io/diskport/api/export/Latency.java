package io.diskport.api.export;

/**
 * How long requests took, in nanoseconds; percentiles are right to about 20 %.
 *
 * <p>Whoever keeps a histogram of durations counts each in its {@link #bucket}, in whatever way
 * suits its threads, and makes the value when somebody asks by {@link #of}. There are four buckets
 * for each power of two nanoseconds, up to some 36 minutes; what took longer is in the last.
 *
 * @param mean the arithmetic mean, 0 if there was none
 * @param p50 half were faster
 * @param p99 99 of 100 were faster
 * @param max the slowest, rounded up as percentiles are
 */
public record Latency(long mean, long p50, long p99, long max) {
    /** No request. */
    public static final Latency NONE = new Latency(0, 0, 0, 0);

    private static final int BUCKETS = 4 * 40;

    /**
     * How many buckets there are.
     *
     * <p>A method, not a constant: the compiler would copy a constant into drivers, where it stays
     * when the API changes it.
     */
    public static int buckets() {
        return BUCKETS;
    }

    /**
     * The bucket of a duration.
     *
     * @param nanos in nanoseconds; a negative one counts as 0
     * @return 0 to {@link #buckets} - 1
     */
    public static int bucket(long nanos) {
        if (nanos < 4) {
            return (int) Math.max(0, nanos);
        }
        int power = 63 - Long.numberOfLeadingZeros(nanos);
        int quarter = (int) (nanos >> power - 2) & 3;
        return Math.min(BUCKETS - 1, 4 * (power - 1) + quarter);
    }

    /**
     * What a histogram comes to.
     *
     * @param counts how many durations are in each bucket; {@link #buckets} of them
     * @param totalNanos the sum of all durations, in nanoseconds
     * @return {@link #NONE} if the histogram is empty
     */
    public static Latency of(long[] counts, long totalNanos) {
        if (counts.length != BUCKETS) {
            throw new IllegalArgumentException(
                    "a histogram of %d buckets; it has to have %d"
                            .formatted(counts.length, BUCKETS));
        }
        long count = 0;
        int highest = 0;
        for (int i = 0; i < BUCKETS; i++) {
            count += counts[i];
            highest = counts[i] > 0 ? i : highest;
        }
        if (count == 0) {
            return NONE;
        }
        return new Latency(
                totalNanos / count,
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

    /** The longest duration of a bucket, the last one's nominally. */
    static long upperBound(int bucket) {
        if (bucket < 4) {
            return bucket;
        }
        int power = bucket / 4 + 1;
        return (1L << power) + ((bucket % 4 + 1L) << power - 2) - 1;
    }
}
