package io.diskport.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.manage.BlockStats.Latency;
import org.junit.jupiter.api.Test;

class LatenciesTest {
    @Test
    void everyDurationFallsIntoABucketThatIsNotFarAbove() {
        for (long nanos = 1; nanos < 1_000_000_000L; nanos += 1 + nanos / 7) {
            long upper = Latencies.upperBound(Latencies.bucket(nanos));
            assertTrue(upper >= nanos && upper <= nanos + nanos / 4 + 1, nanos + " " + upper);
        }
    }

    @Test
    void percentilesAreRightToAFifth() {
        Latencies latencies = new Latencies();
        for (int i = 1; i <= 1000; i++) {
            latencies.add(i * 1000L);
        }
        Latency latency = latencies.snapshot();
        assertEquals(500_500, latency.mean());
        assertEquals(500_000, latency.p50(), 125_000);
        assertEquals(990_000, latency.p99(), 250_000);
        assertEquals(1000, latencies.count());
    }
}
