package io.diskport.api.manage;

/**
 * Counters since an export was added; they survive a replacement of its driver.
 *
 * @param reads finished read requests
 * @param writes finished write requests, zeroes included
 * @param readBytes bytes read
 * @param writtenBytes bytes written or zeroed
 * @param flushes finished flushes
 * @param discards finished discards
 * @param errors requests that failed
 * @param inFlight requests that have begun and not ended
 * @param readLatency of reads
 * @param writeLatency of writes
 * @param flushLatency of flushes
 */
public record BlockStats(
        long reads,
        long writes,
        long readBytes,
        long writtenBytes,
        long flushes,
        long discards,
        long errors,
        long inFlight,
        Latency readLatency,
        Latency writeLatency,
        Latency flushLatency) {
    /**
     * How long requests took, in nanoseconds; percentiles are right to about 20 %.
     *
     * @param mean the arithmetic mean, 0 if there was none
     * @param p50 half were faster
     * @param p99 99 of 100 were faster
     * @param max the slowest, rounded up as percentiles are
     */
    public record Latency(long mean, long p50, long p99, long max) {
        /** No request. */
        public static final Latency NONE = new Latency(0, 0, 0, 0);
    }
}
