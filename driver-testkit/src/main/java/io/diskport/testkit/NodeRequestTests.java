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
import io.diskport.api.node.Extent;
import io.diskport.api.node.RequestFlags;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What node drivers have to do right while a node is open, seen through core as exports see it. */
abstract class NodeRequestTests extends NodeTests {
    private static final long SEED = 20260101;
    private static final int RANDOM_REQUESTS = 300;

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
                    int flags = RequestFlags.FUA | RequestFlags.NO_UNMAP;
                    node.writeZeroes(offset, count, i % 2 == 0 ? flags : RequestFlags.NONE);
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
        assertArrayEquals(data, read(again, 777, data.length), "what was flushed");
        assertArrayEquals(data, read(again, 200_000, data.length), "what was written with FUA");
    }

    @Test
    final void discardsAreAdvice() throws Exception {
        assumeTrue(writes(), "it cannot be written");
        // Core drops them otherwise, and the node hears of none.
        BlockBackend node = open("n", with(all("n"), "discard", "unmap"));
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

    @Test
    final void isResizedOrSaysThatItCannotBe() throws Exception {
        assumeTrue(writes(), "it cannot be written");
        BlockBackend node = open("n");
        long before = node.length();
        long longer = before + (1 << 16);
        byte[] end = read(node, before - 4096, 4096);
        try {
            runtime().nodes().resize("n", longer);
        } catch (BlockException e) {
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
            assertEquals(before, node.length(), "the length stays where it cannot be changed");
            return;
        }
        Await.until("its user sees the length", () -> node.length() == longer);
        assertArrayEquals(new byte[1 << 16], read(node, before, 1 << 16), "what was added");
        write(node, longer - 2, new byte[] {1, 2});
        assertArrayEquals(new byte[] {0, 1, 2}, read(node, longer - 3, 3));
        runtime().nodes().resize("n", before);
        Await.until("its user sees the length", () -> node.length() == before);
        assertArrayEquals(end, read(node, before - 4096, 4096), "what stays");
        assertErrno(Errno.EINVAL, () -> read(node, before, 1));
    }
}
