package io.diskport.nbd.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.node.BlockNode;
import io.diskport.api.node.Extent;
import io.diskport.api.node.RequestFlags;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nodes on the servers that there are, against a model in memory. */
class RealServersTest extends NodeTests {
    private static final int THREADS = 6;
    private static final int SHARE = 1 << 18;
    private static final int SIZE = THREADS * SHARE;

    /** A server, and how it is reached. */
    enum Kind {
        NBDKIT_MEMORY,
        NBDKIT_SIMPLE_REPLIES,
        NBDKIT_EXPORT_NAME_ONLY,
        NBDKIT_FILE,
        NBDKIT_STRICT_BLOCKS,
        NBDKIT_TCP,
        NBDKIT_SLOW_IN_PARALLEL,
        QEMU_NBD,
        NBD_SERVER_TCP
    }

    private TestOptions start(Kind kind) throws Exception {
        Path file = folder.resolve("disk.raw");
        Files.write(file, new byte[SIZE]);
        String disk = file.toString();
        String size = Integer.toString(SIZE);
        TestOptions unix = TestOptions.unix(socket(), "");
        switch (kind) {
            case NBDKIT_MEMORY -> nbdkit("memory", size);
            case NBDKIT_SIMPLE_REPLIES -> nbdkit("--no-sr", "memory", size);
            case NBDKIT_EXPORT_NAME_ONLY -> nbdkit("--mask-handshake=0", "memory", size);
            case NBDKIT_FILE -> nbdkit("file", disk);
            case NBDKIT_STRICT_BLOCKS ->
                    nbdkit(
                            "--filter=blocksize-policy",
                            "memory",
                            size,
                            "blocksize-error-policy=error",
                            "blocksize-minimum=512",
                            "blocksize-preferred=4096",
                            "blocksize-maximum=8192");
            case NBDKIT_SLOW_IN_PARALLEL ->
                    nbdkit("--filter=delay", "memory", size, "rdelay=1ms", "delay-write=1ms");
            case QEMU_NBD ->
                    later(
                            ServerProcess.qemuNbd(
                                    socket(), "--shared=8", "--discard=unmap", "-x", "", disk));
            case NBDKIT_TCP -> {
                int port = ServerProcess.freePort();
                later(ServerProcess.nbdkitTcp(folder.resolve("tcp"), port, "memory", size));
                return TestOptions.uri("nbd://localhost:" + port);
            }
            case NBD_SERVER_TCP -> {
                int port = ServerProcess.freePort();
                later(ServerProcess.nbdServer(folder, port, file));
                return TestOptions.uri("nbd://127.0.0.1:" + port + "/disk");
            }
        }
        return unix;
    }

    private void nbdkit(String... arguments) throws Exception {
        later(ServerProcess.nbdkit(socket(), arguments));
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void whatManyThreadsWriteIsReadBack(Kind kind) throws Exception {
        manyThreads(open(start(kind)));
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"NBDKIT_MEMORY", "QEMU_NBD", "NBD_SERVER_TCP"})
    void severalConnectionsAreOneNode(Kind kind) throws Exception {
        BlockNode node = open(start(kind).connections(4));
        if (node.info().get("offers").contains("multi-conn")) {
            Eventually.await(
                    "four connections", () -> "4 of 4".equals(node.info().get("connection")));
        }
        manyThreads(node);
    }

    private void manyThreads(BlockNode node) throws Exception {
        assertEquals(SIZE, node.length());
        List<Future<byte[]>> shares = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int share = i;
            shares.add(async(() -> randomRequests(node, share * (long) SHARE, share)));
        }
        byte[] expected = new byte[SIZE];
        for (int i = 0; i < THREADS; i++) {
            System.arraycopy(get(shares.get(i)), 0, expected, i * SHARE, SHARE);
        }
        node.flush();
        assertArrayEquals(expected, read(node, 0, SIZE));
        checkStatus(node, expected);
    }

    /** Requests in a range that no other thread has, and what is in it afterwards. */
    private byte[] randomRequests(BlockNode node, long base, long seed) throws Exception {
        Random random = new Random(seed);
        byte[] model = new byte[SHARE];
        int align = node.limits().requestAlignment();
        for (int i = 0; i < 120; i++) {
            int from = random.nextInt(SHARE) & -align;
            int most = random.nextInt(4) == 0 ? 1 << 17 : 1 << 13;
            int to = Math.min(SHARE, from + Math.max(align, random.nextInt(most) & -align));
            int flags = random.nextInt(4) == 0 ? RequestFlags.FUA : 0;
            switch (random.nextInt(8)) {
                case 0 -> {
                    node.writeZeroes(
                            base + from,
                            to - from,
                            flags | (random.nextBoolean() ? RequestFlags.NO_UNMAP : 0));
                    Arrays.fill(model, from, to, (byte) 0);
                }
                case 1 -> {
                    // what it reads as afterwards is not defined, so it is defined
                    node.discard(base + from, to - from, 0);
                    node.writeZeroes(base + from, to - from, 0);
                    Arrays.fill(model, from, to, (byte) 0);
                }
                case 2, 3, 4 -> {
                    byte[] data = random(to - from, random.nextLong());
                    System.arraycopy(data, 0, model, from, data.length);
                    ByteBuffer[] buffers = split(data, random);
                    if (buffers.length == 1) {
                        node.write(base + from, flags, buffers[0]);
                    } else {
                        node.write(base + from, flags, buffers, 0, buffers.length);
                    }
                    assertUsed(buffers);
                }
                case 5 -> {
                    node.prefetch(base + from, to - from);
                    node.flush();
                }
                default -> {
                    ByteBuffer[] buffers = split(new byte[to - from], random);
                    if (buffers.length == 1) {
                        node.read(base + from, buffers[0]);
                    } else {
                        node.read(base + from, buffers, 0, buffers.length);
                    }
                    assertUsed(buffers);
                    assertArrayEquals(Arrays.copyOfRange(model, from, to), joined(buffers));
                }
            }
        }
        return model;
    }

    private static void assertUsed(ByteBuffer... buffers) {
        for (ByteBuffer buffer : buffers) {
            assertFalse(buffer.hasRemaining());
        }
    }

    /** The bytes in one or more buffers, heap and direct, with room around them. */
    private static ByteBuffer[] split(byte[] data, Random random) {
        int count = 1 + random.nextInt(3);
        ByteBuffer[] buffers = new ByteBuffer[count];
        int at = 0;
        for (int i = 0; i < count; i++) {
            int n = i == count - 1 ? data.length - at : random.nextInt(data.length - at + 1);
            n = i == count - 1 ? n : n & -512;
            ByteBuffer buffer =
                    random.nextBoolean()
                            ? ByteBuffer.allocate(n + 8)
                            : ByteBuffer.allocateDirect(n + 8);
            buffers[i] = buffer.position(3).put(data, at, n).flip().position(3);
            at += n;
        }
        return buffers;
    }

    private static byte[] joined(ByteBuffer... buffers) {
        int length = 0;
        for (ByteBuffer buffer : buffers) {
            length += buffer.limit() - 3;
        }
        ByteBuffer all = ByteBuffer.allocate(length);
        for (ByteBuffer buffer : buffers) {
            all.put(buffer.duplicate().position(3));
        }
        return all.array();
    }

    private static void checkStatus(BlockNode node, byte[] expected) throws Exception {
        for (long at = 0; at < SIZE; ) {
            Extent extent = node.status(at, SIZE - at);
            if (extent.zero()) {
                for (long i = at; i < at + extent.length(); i++) {
                    assertEquals(0, expected[(int) i]);
                }
            }
            at += extent.length();
        }
    }

    @Test
    void holesAreSeen() throws Exception {
        nbdkit("memory", "1M");
        BlockNode node = open(TestOptions.unix(socket(), ""));
        write(node, 1 << 19, new byte[] {1});
        Extent hole = node.status(0, 1 << 20);
        assertTrue(hole.hole() && hole.zero() && hole.depth() == 0, hole::toString);
        assertEquals(1 << 19, hole.length());
        Extent data = node.status(1 << 19, 1 << 19);
        assertTrue(!data.hole() && !data.zero() && data.depth() == 1, data::toString);
        assertEquals(100, node.status(0, 100).length());
    }

    @Test
    void whereHolesCannotBeSeenEverythingIsData() throws Exception {
        nbdkit("--no-sr", "memory", "1M");
        BlockNode node = open(TestOptions.unix(socket(), ""));
        assertEquals(Extent.data(1 << 20), node.status(0, 1 << 20));
    }

    @Test
    void moreThanTheServerTakesAtOnceIsSplit() throws Exception {
        nbdkit("memory", "80M");
        BlockNode node = open(TestOptions.unix(socket(), ""));
        assertEquals(32 << 20, node.limits().maximumLength());
        byte[] data = random(70 << 20, 1);
        write(node, 1 << 20, data);
        assertArrayEquals(data, read(node, 1 << 20, data.length));
        ByteBuffer[] halves = {
            ByteBuffer.wrap(data, 0, 40 << 20), ByteBuffer.wrap(data, 40 << 20, 30 << 20)
        };
        node.write(0, 0, halves, 0, 2);
        assertUsed(halves);
        assertArrayEquals(data, read(node, 0, data.length));
    }

    @Test
    void theServersBlocksAreTheNodesLimits() throws Exception {
        BlockNode node = open(start(Kind.NBDKIT_STRICT_BLOCKS));
        assertEquals(512, node.limits().requestAlignment());
        assertEquals(4096, node.limits().preferredLength());
        assertEquals(8192, node.limits().maximumLength());
        // core asks so: only the offset is aligned
        assertEquals(100, node.status(512, 100).length());
        node.prefetch(700, 100);
    }

    @Test
    void moreThanFourGigabytesAreZeroedAndDiscarded() throws Exception {
        nbdkit("memory", "16G");
        BlockNode node = open(TestOptions.unix(socket(), ""));
        long far = (9L << 30) + 5;
        write(node, far, new byte[] {1});
        node.writeZeroes(1, (16L << 30) - 1, 0);
        assertEquals(0, read(node, far, 1)[0]);
        node.discard(0, 16L << 30, 0);
        assertTrue(node.status(0, 16L << 30).hole());
    }

    @Test
    void informationIsForPeople() throws Exception {
        nbdkit("memory", "1M");
        BlockNode node = open(TestOptions.unix(socket(), ""));
        assertEquals("connected", node.info().get("connection"));
        assertEquals("structured replies", node.info().get("protocol"));
        assertEquals("nbd+unix:///?socket=" + socket(), node.info().get("server"));
        assertSays(node.info().get("offers"), "flush", "fua", "trim", "write-zeroes");
        assertEquals("0", node.info().get("reconnects"));
    }
}
