package io.diskport.nbd.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.Errno;
import io.diskport.api.node.BlockNode;
import io.diskport.nbd.protocol.Nbd;
import java.io.EOFException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The end of a node, whatever the server does. */
class CloseTest extends NodeTests {
    private static final Duration MOST = Duration.ofSeconds(3);

    private static void closeInTime(BlockNode node) {
        long start = System.nanoTime();
        node.close();
        long took = System.nanoTime() - start;
        assertTrue(took < MOST.toNanos(), () -> took + " ns");
    }

    private BlockNode openUnclosed(TestOptions options) throws Exception {
        return new NbdNodeDriver().open(TestContext.writable(), options.get());
    }

    @Test
    void theServerIsToldGoodbye() throws Exception {
        for (Dialect dialect : Dialect.values()) {
            AtomicReference<String> end = new AtomicReference<>();
            try (MiniServer server =
                    new MiniServer(
                            folder.resolve(dialect.name()),
                            c -> {
                                c.negotiate(dialect, 4096, 0);
                                try {
                                    c.next();
                                } catch (EOFException e) {
                                    end.set(String.valueOf(e.getMessage()));
                                }
                            })) {
                closeInTime(openUnclosed(server.options()));
                Eventually.await("the end", () -> end.get() != null);
                assertEquals("goodbye", end.get());
            }
        }
    }

    @Test
    void hangingRequestsComeBack() throws Exception {
        CountDownLatch received = new CountDownLatch(3);
        MiniServer server =
                server(
                        c -> {
                            c.negotiate(Dialect.SIMPLE, 1 << 20, Nbd.FLAG_SEND_FLUSH);
                            while (true) {
                                c.next();
                                received.countDown();
                            }
                        });
        BlockNode node = openUnclosed(server.options().reconnect(Duration.ofHours(1)));
        List<Future<String>> hanging = new ArrayList<>();
        hanging.add(async(() -> fails(Errno.ESHUTDOWN, () -> read(node, 0, 512))));
        hanging.add(async(() -> fails(Errno.ESHUTDOWN, () -> write(node, 0, new byte[512]))));
        hanging.add(async(() -> fails(Errno.ESHUTDOWN, node::flush)));
        received.await();
        closeInTime(node);
        for (Future<String> request : hanging) {
            assertSays(get(request), "the node is being closed");
        }
    }

    @Test
    void aServerThatDoesNotReadDoesNotHoldTheNode() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        MiniServer server =
                server(
                        c -> {
                            c.negotiate(Dialect.SIMPLE, 1L << 40, 0);
                            begun.countDown();
                            awaitForEver();
                        });
        BlockNode node = openUnclosed(server.options().reconnect(Duration.ofHours(1)));
        begun.await();
        // more than any socket buffers; the second one waits behind the first
        var first = async(() -> fails(Errno.ESHUTDOWN, () -> write(node, 0, new byte[16 << 20])));
        var second = async(() -> fails(Errno.ESHUTDOWN, () -> write(node, 0, new byte[16 << 20])));
        closeInTime(node);
        get(first);
        get(second);
    }

    @Test
    void aServerThatStallsInMidReplyDoesNotHoldTheNode() throws Exception {
        CountDownLatch sent = new CountDownLatch(1);
        MiniServer server =
                server(
                        c -> {
                            c.negotiate(Dialect.SIMPLE, 1 << 20, 0);
                            c.simple(c.next().cookie(), 0, new byte[100]);
                            sent.countDown();
                            awaitForEver();
                        });
        BlockNode node = openUnclosed(server.options());
        var hanging = async(() -> fails(Errno.ESHUTDOWN, () -> read(node, 0, 1 << 20)));
        sent.await();
        closeInTime(node);
        get(hanging);
    }

    @Test
    void requestsThatWaitForAConnectionComeBack() throws Exception {
        ServerProcess server = later(ServerProcess.nbdkit(socket(), "memory", "1M"));
        BlockNode node =
                openUnclosed(
                        TestOptions.unix(socket(), "").reconnect(Duration.ofSeconds(1L << 50)));
        read(node, 0, 512);
        server.kill();
        var waiting = async(() -> fails(Errno.ESHUTDOWN, () -> read(node, 0, 512)));
        Eventually.await("an attempt", () -> node.info().get("connection").contains("refused"));
        closeInTime(node);
        get(waiting);
        fails(Errno.ESHUTDOWN, () -> read(node, 0, 512));
    }

    @Test
    void moreCallersThanRequestsThereAreComeBackToo() throws Exception {
        CountDownLatch received = new CountDownLatch(InFlight.SLOTS);
        MiniServer server =
                server(
                        c -> {
                            c.negotiate(Dialect.SIMPLE, 1 << 20, 0);
                            while (true) {
                                c.next();
                                received.countDown();
                            }
                        });
        BlockNode node = openUnclosed(server.options());
        List<Future<String>> hanging = new ArrayList<>();
        for (int i = 0; i < InFlight.SLOTS + 20; i++) {
            hanging.add(async(() -> fails(Errno.ESHUTDOWN, () -> read(node, 0, 512))));
        }
        received.await();
        closeInTime(node);
        for (Future<String> request : hanging) {
            get(request);
        }
    }

    /** Until the thread, which is a daemon, ends with the test. */
    private static void awaitForEver() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
