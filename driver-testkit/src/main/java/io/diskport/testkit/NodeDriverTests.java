package io.diskport.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.manage.EntryState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * What every node driver has to do right, seen through core as exports see it. Extend it, say how a
 * node is made, and run it in the integration-test phase, once the bundle is built.
 */
public abstract class NodeDriverTests extends NodeRequestTests {
    // Life

    @Test
    final void saysHowLongItIs() throws Exception {
        BlockBackend node = open("n");
        assertTrue(node.length() >= 1 << 20, "at least 1 MiB: " + node.length());
        assertTrue(node.allocatedLength() >= 0, "allocated");
    }

    @Test
    final void isNotClosedWhileItIsUsed() throws Exception {
        open("n");
        assertRefused("n", () -> runtime().nodes().delete("n"));
        close("n");
    }

    @Test
    final void isClosedUnderLoad() throws Exception {
        for (int round = 0; round < 3; round++) {
            Readers readers = new Readers(open("n"));
            readers.awaitRequests(20);
            close("n");
            assertEquals(Errno.ESHUTDOWN, readers.end(), "what its users get");
        }
    }

    @Test
    final void requestsWaitWhileItIsReopened() throws Exception {
        Map<String, Object> options = all("n");
        Readers readers = new Readers(open("n"));
        try {
            for (int round = 0; round < 5; round++) {
                readers.awaitRequests(20);
                // A setting that its driver hears of, and that changes nothing for its users.
                boolean fallBack = round % 2 == 0;
                runtime().nodes().reopen(List.of(with(options, "auto-read-only", fallBack)));
            }
            readers.awaitRequests(20);
        } catch (BlockException e) {
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
            readers.awaitRequests(20);
        }
        readers.stop();
        assertNull(readers.end(), "no request failed");
    }

    /** Users of a node that read until it fails, or they are told to stop. */
    private static final class Readers {
        private final ExecutorService pool = Executors.newFixedThreadPool(3);
        private final List<Future<Errno>> all = new ArrayList<>();
        private final AtomicLong requests = new AtomicLong();
        private volatile boolean over;

        Readers(BlockBackend node) {
            for (int i = 0; i < 3; i++) {
                all.add(pool.submit(() -> run(node)));
            }
            pool.shutdown();
        }

        private Errno run(BlockBackend node) {
            try {
                for (int i = 0; !over; i++) {
                    read(node, i % 256 * 4096L, 4096);
                    requests.incrementAndGet();
                }
                return null;
            } catch (BlockIOException e) {
                return e.errno();
            }
        }

        void awaitRequests(int count) {
            long before = requests.get();
            Await.until("its users go on", () -> requests.get() - before >= count);
        }

        void stop() {
            over = true;
        }

        /** What the last of them got; null if all went well. */
        Errno end() throws Exception {
            Errno errno = null;
            for (Future<Errno> one : all) {
                Errno got = one.get(Await.patience().toSeconds(), TimeUnit.SECONDS);
                errno = got == null ? errno : got;
            }
            return errno;
        }
    }

    // Replacement

    @Test
    final void usersWaitWhileItsDriverIsGone() throws Exception {
        assumeReplaceable();
        open("n");
        runtime().driver().stop();
        runtime().awaitExport("n", EntryState.WAITING);
        runtime().driver().start();
        runtime().awaitExport("n", EntryState.RUNNING);
        read(runtime().backend("n"), 0, 4096);
    }

    @Test
    final void updatesLeaveNothingBehind() throws Throwable {
        assumeReplaceable();
        open("n");
        assertUpdatesLeaveNothing(
                () -> {
                    runtime().awaitExport("n", EntryState.RUNNING);
                    Await.until("the node is there", () -> runtime().backend("n") != null);
                    read(runtime().backend("n"), 0, 4096);
                });
    }
}
