package io.diskport.api.manage;

import io.diskport.api.export.Latency;

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
        Latency flushLatency) {}
