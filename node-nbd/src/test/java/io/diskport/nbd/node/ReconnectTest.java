package io.diskport.nbd.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.Errno;
import io.diskport.api.node.BlockNode;
import io.diskport.nbd.protocol.Nbd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that are lost and come back. */
class ReconnectTest extends NodeTests {
    private static final int SHARE = 1 << 18;
    private static final int THREADS = 4;
    private static final Duration LONG = Duration.ofSeconds(20);

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aServerThatIsKilledAndStartedAgainCostsNothing(int connections) throws Exception {
        Path file = folder.resolve("disk.raw");
        Files.write(file, new byte[THREADS * SHARE]);
        ServerProcess server = start(file);
        BlockNode node =
                open(TestOptions.unix(socket(), "").reconnect(LONG).connections(connections));
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong done = new AtomicLong();
        List<Future<byte[]>> shares = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int base = i * SHARE;
            shares.add(async(() -> writeAndRead(node, base, stop, done)));
        }
        for (int i = 0; i < 3; i++) {
            long before = done.get();
            Eventually.await("requests", () -> done.get() > before + 200);
            server.kill();
            server = start(file);
        }
        long before = done.get();
        Eventually.await("requests", () -> done.get() > before + 200);
        stop.set(true);
        byte[] expected = new byte[THREADS * SHARE];
        for (int i = 0; i < THREADS; i++) {
            System.arraycopy(get(shares.get(i)), 0, expected, i * SHARE, SHARE);
        }
        node.flush();
        assertArrayEquals(expected, Files.readAllBytes(file));
        assertEquals("3", node.info().get("reconnects"));
    }

    private ServerProcess start(Path file) throws Exception {
        return later(
                ServerProcess.qemuNbd(
                        socket(), "--shared=8", "--discard=unmap", "-x", "", file.toString()));
    }

    private static byte[] writeAndRead(
            BlockNode node, int base, AtomicBoolean stop, AtomicLong done) throws IOException {
        Random random = new Random(base);
        byte[] model = new byte[SHARE];
        while (!stop.get()) {
            int from = random.nextInt(SHARE);
            int to = from + 1 + random.nextInt(Math.min(20_000, SHARE - from));
            byte[] data = random(to - from, random.nextLong());
            switch (random.nextInt(4)) {
                case 0 -> {
                    node.writeZeroes(base + from, to - from, 0);
                    Arrays.fill(model, from, to, (byte) 0);
                }
                case 1 -> {
                    ByteBuffer[] halves = {
                        ByteBuffer.wrap(data, 0, data.length / 2),
                        ByteBuffer.allocateDirect(data.length - data.length / 2)
                                .put(data, data.length / 2, data.length - data.length / 2)
                                .flip()
                    };
                    node.write(base + from, 0, halves, 0, 2);
                    System.arraycopy(data, 0, model, from, data.length);
                }
                case 2 -> {
                    write(node, base + from, data);
                    System.arraycopy(data, 0, model, from, data.length);
                }
                default ->
                        assertArrayEquals(
                                Arrays.copyOfRange(model, from, to),
                                read(node, base + from, to - from));
            }
            done.incrementAndGet();
        }
        return model;
    }

    @Test
    void withoutADelayRequestsFailAtOnceAndLaterOnesDoNot() throws Exception {
        ServerProcess server = later(ServerProcess.nbdkit(socket(), "memory", "1M"));
        BlockNode node = open(TestOptions.unix(socket(), ""));
        read(node, 0, 512);
        server.kill();
        assertSays(
                fails(Errno.EIO, () -> read(node, 0, 512)),
                "there is no connection (the server closed the connection)");
        Eventually.await("another reason", () -> node.info().get("connection").contains("refused"));
        assertSays(
                fails(Errno.EIO, () -> write(node, 0, new byte[512])),
                "Failed to write 512 bytes at offset 0 of 'nbd+unix:///?socket=",
                "(Connection refused)");
        later(ServerProcess.nbdkit(socket(), "memory", "1M"));
        Eventually.await("a connection", () -> "connected".equals(node.info().get("connection")));
        assertArrayEquals(new byte[512], read(node, 0, 512));
    }

    @Test
    void theDelayHasAnEnd() throws Exception {
        ServerProcess server = later(ServerProcess.nbdkit(socket(), "memory", "1M"));
        Duration delay = Duration.ofMillis(500);
        BlockNode node = open(TestOptions.unix(socket(), "").reconnect(delay));
        read(node, 0, 512);
        server.kill();
        long start = System.nanoTime();
        fails(Errno.EIO, () -> read(node, 0, 512));
        long took = System.nanoTime() - start;
        assertTrue(took >= delay.toNanos(), () -> took + " ns");
        long again = System.nanoTime();
        fails(Errno.EIO, () -> read(node, 0, 512));
        long tookAgain = System.nanoTime() - again;
        assertTrue(tookAgain < delay.toNanos(), () -> tookAgain + " ns");
    }

    @Test
    void aRequestThatKillsServersIsGivenUp() throws Exception {
        AtomicInteger sent = new AtomicInteger();
        MiniServer server =
                server(
                        c -> {
                            c.negotiate(Dialect.SIMPLE, 4096, 0);
                            c.next();
                            sent.incrementAndGet();
                            throw new IOException("dead");
                        });
        BlockNode node = open(server.options().reconnect(LONG));
        assertSays(fails(Errno.EIO, () -> read(node, 0, 1)), "closed the connection");
        assertEquals(8, sent.get());
    }

    @Test
    void anInterruptIsKeptAndHarmsNobody() throws Exception {
        MiniServer server = changing(new long[] {4096}, 0);
        BlockNode node = open(server.options());
        Thread.currentThread().interrupt();
        read(node, 0, 512);
        assertTrue(Thread.interrupted());
        read(node, 0, 512);
        assertEquals(1, server.connections());
    }

    @Test
    void anInterruptOfOneThatReadsIsALostConnection() throws Exception {
        CountDownLatch received = new CountDownLatch(1);
        MiniServer server =
                server(
                        c -> {
                            c.negotiate(Dialect.SIMPLE, 4096, 0);
                            var request = c.next();
                            if (received.getCount() > 0) {
                                received.countDown();
                                c.awaitEnd();
                            }
                            c.simple(request.cookie(), 0, (byte) 1);
                            c.awaitEnd();
                        });
        BlockNode node = open(server.options().reconnect(LONG));
        AtomicReference<Thread> reader = new AtomicReference<>();
        var result =
                async(
                        () -> {
                            reader.set(Thread.currentThread());
                            byte[] bytes = read(node, 0, 1);
                            assertTrue(Thread.interrupted());
                            return bytes;
                        });
        received.await();
        reader.get().interrupt();
        assertArrayEquals(new byte[] {1}, get(result));
        assertEquals(2, server.connections());
    }

    /** Serves an export that is another one each time. */
    private MiniServer changing(long[] sizes, int... flags) throws Exception {
        AtomicInteger connection = new AtomicInteger();
        return server(
                c -> {
                    int i = Math.min(connection.getAndIncrement(), sizes.length - 1);
                    c.negotiate(Dialect.SIMPLE, sizes[i], flags[i]);
                    while (true) {
                        var request = c.next();
                        boolean read = request.type() == Nbd.CMD_READ;
                        c.simple(request.cookie(), 0, new byte[read ? (int) request.length() : 0]);
                    }
                });
    }

    private void assertLost(MiniServer server, String reason) throws Exception {
        TestContext context = TestContext.writable();
        BlockNode node = open(context, server.options().reconnect(LONG));
        read(node, 0, 512);
        server.cut();
        assertSays(fails(Errno.EIO, () -> read(node, 0, 512)), reason);
        assertSays(get(context.ended).getMessage(), "is another after a reconnection", reason);
        fails(Errno.EIO, () -> read(node, 0, 512));
        assertEquals(2, server.connections());
        assertSays(node.info().get("connection"), "ended");
    }

    @Test
    void anExportThatHasShrunkIsLost() throws Exception {
        assertLost(changing(new long[] {8192, 4096}, 0, 0), "shrunk from 8192 to 4096 bytes");
    }

    @Test
    void anExportThatCannotBeWrittenAnyMoreIsLost() throws Exception {
        assertLost(changing(new long[] {8192, 8192}, 0, Nbd.FLAG_READ_ONLY), "only be read");
    }

    @Test
    void anExportThatOffersLessIsLost() throws Exception {
        assertLost(
                changing(new long[] {8192, 8192}, Nbd.FLAG_SEND_FLUSH, Nbd.FLAG_SEND_TRIM),
                "does not offer flush");
    }

    @Test
    void anExportThatHasGrownIsLonger() throws Exception {
        MiniServer server = changing(new long[] {4096, 8192}, 0, Nbd.FLAG_SEND_FLUSH);
        TestContext context = TestContext.writable();
        BlockNode node = open(context, server.options().reconnect(LONG));
        read(node, 0, 512);
        server.cut();
        read(node, 0, 512);
        assertEquals(8192, node.length());
        assertEquals(8192, context.newLength);
        assertFalse(context.ended.isDone());
    }

    @Test
    void oneOfSeveralConnectionsMayBeLost() throws Exception {
        List<Conversation> conversations = new ArrayList<>();
        AtomicInteger deaths = new AtomicInteger();
        MiniServer server =
                server(
                        c -> {
                            synchronized (conversations) {
                                conversations.add(c);
                            }
                            c.negotiate(Dialect.SIMPLE, 4096, Nbd.FLAG_CAN_MULTI_CONN);
                            while (true) {
                                var request = c.next();
                                if (deaths.getAndIncrement() == 0) {
                                    throw new IOException("dead");
                                }
                                c.simple(request.cookie(), 0, (byte) 1);
                            }
                        });
        BlockNode node = open(server.options().connections(2));
        Eventually.await("two connections", () -> "2 of 2".equals(node.info().get("connection")));
        // there is another one, so nothing fails although nothing may wait
        assertArrayEquals(new byte[] {1}, read(node, 0, 1));
        Eventually.await("two connections", () -> "2 of 2".equals(node.info().get("connection")));
        assertEquals(3, server.connections());
    }
}
