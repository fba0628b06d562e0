package io.diskport.core.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.core.options.OptionText;
import io.diskport.core.options.RecordBinder;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LeakyBucketsTest {
    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong now = new AtomicLong(-5 * SECOND);

    @Test
    void queueMovesAtTheRateOfTheLimit() throws Exception {
        LeakyBuckets group = group("iops-total=100,iops-total-max=100");
        for (int i = 0; i <= 100; i++) {
            assertEquals(0, group.reserve(i % 2 == 0, 1));
        }
        for (int i = 1; i <= 50; i++) {
            assertEquals(i * SECOND / 100, group.reserve(false, 1), 1000);
        }
        now.addAndGet(SECOND / 2);
        assertFalse(group.tryReserve(false, 1));
        now.addAndGet(SECOND / 50);
        assertTrue(group.tryReserve(false, 1));
    }

    @Test
    void bytesOfALongRunComeAtTheRateOfTheLimit() throws Exception {
        LeakyBuckets group = group("bps-write=1M");
        long bytes = 0;
        long start = now.get();
        while (bytes < 100 << 20) {
            now.addAndGet(group.reserve(true, 65536));
            bytes += 65536;
        }
        assertEquals(100.0, (now.get() - start) / 1e9, 0.3);
    }

    @Test
    void readsAndWritesHaveTheirOwnLimits() throws Exception {
        LeakyBuckets group = group("iops-read=1,bps-write=10");
        assertTrue(group.tryReserve(false, 1 << 30));
        assertFalse(group.tryReserve(false, 1));
        assertTrue(group.tryReserve(true, 5));
        assertFalse(group.tryReserve(true, 5));
        assertTrue(group.tryReserve(true, 0));
    }

    @Test
    void totalCountsBoth() throws Exception {
        LeakyBuckets group = group("bps-total=10");
        assertTrue(group.tryReserve(false, 100));
        assertFalse(group.tryReserve(true, 1));
    }

    @Test
    void largeRequestsCountAsSeveral() throws Exception {
        LeakyBuckets group = group("iops-total=10,iops-size=4k");
        assertTrue(group.tryReserve(false, 40 << 10));
        assertEquals(9 * SECOND / 10, group.reserve(false, 4096), 1000);
        assertEquals(SECOND, group.reserve(false, 1), 1000);
    }

    @Test
    void refusedTryAndWhatIsTakenBackCostNothing() throws Exception {
        LeakyBuckets group = group("iops-total=10,bps-total=10");
        assertTrue(group.tryReserve(false, 1000));
        for (int i = 0; i < 100; i++) {
            assertFalse(group.tryReserve(false, 1000));
        }
        group.cancel(false, 1000);
        assertTrue(group.tryReserve(false, 1));
    }

    private LeakyBuckets group(String limits) throws BlockException {
        return new LeakyBuckets(
                new RecordBinder("limits", OptionText.parse(limits, ""), LIMITS)
                        .bind(ThrottleLimits.class),
                now::get);
    }

    private static final List<Class<ThrottleLimits>> LIMITS = List.of(ThrottleLimits.class);
}
