package io.diskport.api.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LatencyTest {
    private final long[] counts = new long[Latency.buckets()];

    @Test
    void everyDurationFallsIntoABucketThatIsNotFarAbove() {
        for (long nanos = 1; nanos < 1_000_000_000L; nanos += 1 + nanos / 7) {
            long upper = Latency.upperBound(Latency.bucket(nanos));
            assertTrue(upper >= nanos && upper <= nanos + nanos / 4 + 1, nanos + " " + upper);
        }
    }

    @Test
    void noDurationIsOutsideTheBuckets() {
        assertEquals(0, Latency.bucket(-1));
        assertEquals(0, Latency.bucket(0));
        assertEquals(Latency.buckets() - 1, Latency.bucket(Long.MAX_VALUE));
    }

    @Test
    void theLastBucketBeginsAfterHalfAnHour() {
        long halfAnHour = 30L * 60 * 1_000_000_000;
        assertTrue(Latency.bucket(halfAnHour) < Latency.buckets() - 1);
    }

    @Test
    void percentilesAreRightToAFifth() {
        long total = 0;
        for (int i = 1; i <= 1000; i++) {
            counts[Latency.bucket(i * 1000L)]++;
            total += i * 1000L;
        }
        Latency latency = Latency.of(counts, total);
        assertEquals(500_500, latency.mean());
        assertEquals(500_000, latency.p50(), 125_000);
        assertEquals(990_000, latency.p99(), 250_000);
        assertEquals(1_000_000, latency.max(), 250_000);
    }

    @Test
    void tenSlowRequestsOfAThousandAreInTheMaximumAndInNoPercentile() {
        counts[Latency.bucket(3)] = 990;
        counts[Latency.bucket(1_000_000)] = 10;
        Latency latency = Latency.of(counts, 990 * 3 + 10 * 1_000_000);
        assertEquals(3, latency.p50());
        assertEquals(3, latency.p99());
        assertEquals(1_000_000, latency.max(), 250_000);
    }

    @Test
    void anEmptyHistogramIsNoLatency() {
        assertEquals(Latency.NONE, Latency.of(counts, 0));
    }

    @Test
    void aHistogramOfOtherBucketsIsRefused() {
        IllegalArgumentException e =
                assertThrows(
                        IllegalArgumentException.class, () -> Latency.of(new long[] {1, 2}, 5));
        assertEquals("a histogram of 2 buckets; it has to have 160", e.getMessage());
    }
}
