package io.diskport.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.NodeEntry;
import io.diskport.api.node.Extent;
import io.diskport.api.node.RequestFlags;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * What every node driver has to do right, seen through core as exports see it. Extend it, say how a
 * node is made, and run it in the integration-test phase, once the bundle is built.
 */
public abstract class NodeDriverTests extends DriverTests {
    private static final long SEED = 20260101;
    private static final int RANDOM_REQUESTS = 300;

    /**
     * The driver's own options of a node of at least 1 MiB, which does not exist yet.
     *
     * @param name the node's name, unlike that of any other of this test
     */
    protected abstract Map<String, Object> options(String name) throws IOException;

    /** Whether it can be written, and reads as what was written. */
    protected boolean writes() {
        return true;
    }

    /** Whether what was written and flushed is there when a node is made of the same options. */
    protected boolean persists() {
        return true;
    }

    /** What it reads as when it is made, from an offset; null if that is not known. */
    protected byte[] content(long offset, int length) {
        return null;
    }

    private BlockBackend open(String name) throws Exception {
        addNode(name);
        return export(name);
    }

    private NodeEntry addNode(String name) throws Exception {
        NodeEntry node = runtime().nodes().add(all(name));
        assertEquals(EntryState.RUNNING, node.state());
        return node;
    }

    private Map<String, Object> all(String name) throws IOException {
        Map<String, Object> options = new HashMap<>(options(name));
        options.put("driver", type());
        options.put("node-name", name);
        options.putIfAbsent("read-only", !writes());
        return options;
    }

    private BlockBackend export(String name) throws BlockException {
        runtime()
                .exports()
                .add(
                        Map.of(
                                "type",
                                TestExport.TYPE,
                                "id",
                                name,
                                "node-name",
                                name,
                                "writable",
                                writes()));
        return runtime().backend(name);
    }

    private void close(String name) throws BlockException {
        runtime().exports().delete(name, ShutdownMode.HARD);
        runtime().nodes().delete(name);
    }

    private static byte[] pattern(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static byte[] read(BlockBackend node, long offset, int length) throws BlockIOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(length);
        node.read(offset, buffer);
        assertEquals(0, buffer.remaining(), "filled");
        byte[] bytes = new byte[length];
        buffer.flip().get(bytes);
        return bytes;
    }

    private static void write(BlockBackend node, long offset, byte[] bytes)
            throws BlockIOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        node.write(offset, RequestFlags.NONE, buffer);
        assertEquals(0, buffer.remaining(), "all taken");
    }

    private static void assertErrno(Errno errno, org.junit.jupiter.api.function.Executable action) {
        assertEquals(errno, assertThrows(BlockIOException.class, action).errno());
    }

    // Life

    @Test
    final void opensAndCloses() throws Exception {
        for (int i = 0; i < 3; i++) {
            BlockBackend node = open("n");
            assertTrue(node.length() >= 1 << 20, "at least 1 MiB: " + node.length());
            assertTrue(node.allocatedLength() >= 0, "allocated");
            read(node, 0, 4096);
            close("n");
        }
        assertTrue(
                runtime().nodes().list().stream().noneMatch(entry -> entry.type().equals(type())),
                "they are gone");
    }

    @Test
    final void isNotClosedWhileItIsUsed() throws Exception {
        open("n");
        assertRefused("n", () -> runtime().nodes().delete("n"));
        close("n");
    }

    @Test
    final void readsAsItIsSaidTo() throws Exception {
        BlockBackend node = open("n");
        for (int[] range : new int[][] {{0, 1}, {0, 65536}, {4095, 2}, {1000, 70_000}}) {
            byte[] wanted = content(range[0], range[1]);
            assumeTrue(wanted != null, "what it reads as is not known");
            assertArrayEquals(wanted, read(node, range[0], range[1]));
        }
    }

    @Test
    final void unknownOptionIsRefusedByName() throws Exception {
        Map<String, Object> options = with(all("n"), "no-such-option", "1");
        assertRefused("no-such-option", () -> runtime().nodes().add(options));
        assertTrue(runtime().nodes().find("n").isEmpty(), "nothing half made");
    }

    @Test
    final void everyOptionRefusesWhatIsNoValueOfIt() throws Exception {
        for (var option : runtime().drivers().options(Kind.NODE, type())) {
            Map<String, Object> options =
                    with(all("n"), option.name(), Map.of("no", Map.of("such", "value")));
            assertRefused("", () -> runtime().nodes().add(options));
        }
        assertTrue(runtime().nodes().find("n").isEmpty(), "nothing half made");
    }

    // Requests

    @Test
    final void whatIsWrittenIsReadAtAnyOffsetAndLength() throws Exception {
        assumeTrue(writes(), "it cannot be written");
        BlockBackend node = open("n");
        int length = 1 << 20;
        byte[] shadow = pattern(length, SEED);
        write(node, 0, shadow);
        Random random = new Random(SEED);
        for (int i = 0; i < RANDOM_REQUESTS; i++) {
            int offset = random.nextInt(length - 1);
            int count = 1 + random.nextInt(Math.min(100_000, length - offset));
            switch (random.nextInt(4)) {
                case 0 -> {
                    byte[] data = pattern(count, i);
                    write(node, offset, data);
                    System.arraycopy(data, 0, shadow, offset, count);
                }
                case 1 -> {
                    node.writeZeroes(offset, count, RequestFlags.NONE);
                    Arrays.fill(shadow, offset, offset + count, (byte) 0);
                }
                case 2 -> assertStatus(node, offset, count, shadow);
                default ->
                        assertArrayEquals(
                                Arrays.copyOfRange(shadow, offset, offset + count),
                                read(node, offset, count),
                                "request " + i + " at " + offset);
            }
        }
        assertArrayEquals(shadow, read(node, 0, length));
    }

    /** What is said to be zero reads as zero. */
    private static void assertStatus(BlockBackend node, int offset, int count, byte[] shadow)
            throws BlockIOException {
        Extent extent = node.status(offset, count);
        assertTrue(extent.length() >= 1 && extent.length() <= count, extent.toString());
        if (extent.zero()) {
            int end = (int) (offset + extent.length());
            for (int i = offset; i < end; i++) {
                assertEquals(0, shadow[i], "said to be zero, at " + i);
            }
        }
    }

    @Test
    final void requestsThatRunAtOnceDoNotMix() throws Exception {
        assumeTrue(writes(), "it cannot be written");
        BlockBackend node = open("n");
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            Future<?>[] all = new Future<?>[4];
            for (int i = 0; i < all.length; i++) {
                int lane = i;
                all[i] =
                        pool.submit(
                                () -> {
                                    for (int turn = 0; turn < 50; turn++) {
                                        long offset = (long) (turn * 4 + lane) * 3000 % (900 << 10);
                                        byte[] data = pattern(3000, turn * 4L + lane);
                                        write(node, offset, data);
                                        assertArrayEquals(data, read(node, offset, data.length));
                                    }
                                    return null;
                                });
            }
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    final void nothingLiesBeyondTheEnd() throws Exception {
        BlockBackend node = open("n");
        long end = node.length();
        assertErrno(Errno.EINVAL, () -> read(node, end, 1));
        assertErrno(Errno.EINVAL, () -> read(node, end - 10, 11));
        assertArrayEquals(read(node, end - 10, 10), read(node, end - 10, 10));
        if (writes()) {
            assertErrno(Errno.ENOSPC, () -> write(node, end - 1, new byte[2]));
        }
    }

    @Test
    final void readOnlyNodeIsNotWritten() throws Exception {
        runtime().nodes().add(with(all("n"), "read-only", true));
        BlockException refused =
                assertThrows(
                        BlockException.class,
                        () ->
                                runtime()
                                        .exports()
                                        .add(
                                                Map.of(
                                                        "type",
                                                        TestExport.TYPE,
                                                        "id",
                                                        "w",
                                                        "node-name",
                                                        "n",
                                                        "writable",
                                                        true)));
        assertTrue(refused.getMessage().contains("n"), refused.getMessage());
    }

    @Test
    final void whatWasFlushedIsThereWhenItIsMadeAgain() throws Exception {
        assumeTrue(writes() && persists(), "it keeps nothing");
        byte[] data = pattern(100_000, 9);
        BlockBackend node = open("n");
        write(node, 777, data);
        node.flush();
        node.write(200_000, RequestFlags.FUA, ByteBuffer.wrap(data));
        close("n");
        BlockBackend again = open("n");
        assertArrayEquals(data, read(again, 777, data.length));
        assertArrayEquals(data, read(again, 200_000, data.length));
    }

    @Test
    final void discardsAreAdvice() throws Exception {
        assumeTrue(writes(), "it cannot be written");
        BlockBackend node = open("n");
        byte[] data = pattern(1 << 20, 3);
        write(node, 0, data);
        node.discard(100_000, 300_000, RequestFlags.NONE);
        byte[] after = read(node, 0, 1 << 20);
        assertArrayEquals(Arrays.copyOf(data, 100_000), Arrays.copyOf(after, 100_000), "before it");
        assertArrayEquals(
                Arrays.copyOfRange(data, 400_000, 1 << 20),
                Arrays.copyOfRange(after, 400_000, 1 << 20),
                "behind it");
    }

    // Replacement

    @Test
    final void usersWaitWhileItsDriverIsGone() throws Exception {
        open("n");
        runtime().driver().stop();
        runtime().awaitExport("n", EntryState.WAITING);
        runtime().driver().start();
        runtime().awaitExport("n", EntryState.RUNNING);
        read(runtime().backend("n"), 0, 4096);
    }

    @Test
    final void updatesLeaveNothingBehind() throws Throwable {
        open("n");
        assertUpdatesLeaveNothing(
                () -> {
                    runtime().awaitExport("n", EntryState.RUNNING);
                    Await.until("the node is there", () -> runtime().backend("n") != null);
                    read(runtime().backend("n"), 0, 4096);
                });
    }
}
