package io.diskport.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.diskport.api.export.Latency;
import org.junit.jupiter.api.Test;

class LatenciesTest {
    @Test
    void whatWasAddedIsCountedAndSummedUp() {
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

    @Test
    void beforeTheFirstThereIsNone() {
        assertEquals(Latency.NONE, new Latencies().snapshot());
    }
}
