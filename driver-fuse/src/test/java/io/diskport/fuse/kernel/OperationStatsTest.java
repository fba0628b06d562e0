package io.diskport.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.export.Latency;
import io.diskport.api.export.RequestStats;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Requests are counted by operation. */
class OperationStatsTest {
    private final OperationStats stats = new OperationStats();

    private RequestStats only() {
        List<RequestStats> all = stats.snapshot();
        assertEquals(1, all.size(), all.toString());
        return all.get(0);
    }

    @Test
    void whatHasNotOccurredIsNotShown() {
        assertEquals(List.of(), stats.snapshot());
    }

    @Test
    void aRequestIsInFlightUntilItIsAnswered() {
        long begun = stats.begin(Request.READ);
        assertEquals(new RequestStats("READ", 0, 0, 1, Latency.NONE), only());
        stats.end(Request.READ, begun, false);
        RequestStats read = only();
        assertEquals(1, read.finished());
        assertEquals(0, read.failed());
        assertEquals(0, read.inFlight());
    }

    @Test
    void latencyIsFromBeginToEnd() {
        stats.begin(Request.WRITE);
        stats.end(Request.WRITE, System.nanoTime() - TimeUnit.SECONDS.toNanos(100), false);
        Latency latency = only().latency();
        for (long nanos : new long[] {latency.mean(), latency.p50(), latency.max()}) {
            assertTrue(nanos >= TimeUnit.SECONDS.toNanos(100), latency.toString());
            assertTrue(nanos < TimeUnit.SECONDS.toNanos(150), latency.toString());
        }
    }

    @Test
    void failuresAreCountedAndHaveNoLatency() {
        stats.begin(Request.FSYNC);
        stats.end(Request.FSYNC, System.nanoTime() - TimeUnit.SECONDS.toNanos(100), true);
        assertEquals(new RequestStats("FSYNC", 0, 1, 0, Latency.NONE), only());
    }

    @Test
    void operationsHaveTheirNamesAndTheirOrder() {
        List<Integer> opcodes =
                List.of(
                        Request.COPY_FILE_RANGE,
                        Request.LSEEK,
                        Request.FALLOCATE,
                        Request.BATCH_FORGET,
                        Request.INTERRUPT,
                        Request.FLUSH,
                        Request.GETXATTR,
                        Request.FSYNC,
                        Request.RELEASE,
                        Request.STATFS,
                        Request.WRITE,
                        Request.READ,
                        Request.OPEN,
                        Request.SETATTR,
                        Request.GETATTR,
                        Request.FORGET);
        opcodes.forEach(opcode -> stats.end(opcode, stats.begin(opcode), false));
        assertEquals(
                List.of(
                        "FORGET",
                        "GETATTR",
                        "SETATTR",
                        "OPEN",
                        "READ",
                        "WRITE",
                        "STATFS",
                        "RELEASE",
                        "FSYNC",
                        "GETXATTR",
                        "FLUSH",
                        "INTERRUPT",
                        "BATCH_FORGET",
                        "FALLOCATE",
                        "LSEEK",
                        "COPY_FILE_RANGE"),
                stats.snapshot().stream().map(RequestStats::operation).toList());
    }

    @Test
    void opcodesThatNoKernelHasAreCountedTogether() {
        for (int opcode : new int[] {0, -1, 64, 4096, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            stats.end(opcode, stats.begin(opcode), false);
        }
        assertEquals(6, only().finished());
        assertEquals("opcode 0", only().operation());
    }

    @Test
    void noRequestOfManyThreadsIsLost() throws Exception {
        int each = 50_000;
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Void>> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                threads.add(
                        () -> {
                            for (int request = 0; request < each; request++) {
                                stats.end(
                                        Request.READ, stats.begin(Request.READ), request % 10 == 0);
                            }
                            return null;
                        });
            }
            for (var thread : pool.invokeAll(threads)) {
                thread.get();
            }
        } finally {
            pool.shutdownNow();
        }
        assertEquals(4 * each * 9 / 10, only().finished());
        assertEquals(4 * each / 10, only().failed());
        assertEquals(0, only().inFlight());
    }
}
