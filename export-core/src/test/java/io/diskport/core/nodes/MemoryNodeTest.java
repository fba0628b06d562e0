package io.diskport.core.nodes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.Extent;
import io.diskport.api.node.RequestFlags;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MemoryNodeTest {
    private static final int PAGE = PageTable.PAGE_SIZE;

    @Test
    void behavesAsAnArrayDoes() throws BlockIOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] model = new byte[5 * PAGE + 123];
        MemoryNode node = new MemoryNode("n", model.length);
        for (int round = 0; round < 3000; round++) {
            int offset = random.nextInt(model.length);
            int length = random.nextInt(Math.min(3 * PAGE, model.length - offset) + 1);
            switch (random.nextInt(4)) {
                case 0 -> {
                    byte[] data = new byte[length];
                    random.nextBytes(data);
                    System.arraycopy(data, 0, model, offset, length);
                    node.write(
                            offset, 0, random.nextBoolean() ? ByteBuffer.wrap(data) : direct(data));
                }
                case 1 -> {
                    Arrays.fill(model, offset, offset + length, (byte) 0);
                    node.writeZeroes(offset, length, random.nextInt(3) << 1);
                }
                case 2 -> {
                    ByteBuffer data = ByteBuffer.allocateDirect(length);
                    node.read(offset, data);
                    assertEquals(0, data.remaining());
                    assertEquals(
                            ByteBuffer.wrap(model, offset, length),
                            data.flip(),
                            () -> "seed " + seed);
                }
                default -> {
                    if (length > 0) {
                        checkStatus(node, model, offset, length);
                    }
                }
            }
        }
        assertArrayEquals(model, content(node), () -> "seed " + seed);
    }

    private static void checkStatus(MemoryNode node, byte[] model, int offset, int length) {
        Extent extent = node.status(offset, length);
        assertTrue(extent.length() <= length);
        if (extent.zero()) {
            for (int i = 0; i < extent.length(); i++) {
                assertEquals(0, model[offset + i]);
            }
        }
    }

    @Test
    void takesMemoryForWhatIsWrittenOnly() throws BlockIOException {
        MemoryNode node = new MemoryNode("n", 8L << 40);
        assertEquals(0, node.allocatedLength());
        ByteBuffer data = ByteBuffer.wrap(new byte[] {1, 2, 3});
        node.write((8L << 40) - 3, 0, data);
        assertEquals(PAGE, node.allocatedLength());
        assertEquals(Extent.hole((8L << 40) - PAGE), node.status(0, 8L << 40));
        assertEquals(Extent.data(PAGE - 7), node.status((8L << 40) - PAGE + 7, 1 << 20));
        ByteBuffer back = ByteBuffer.allocate(4);
        node.read((8L << 40) - 4, back);
        assertArrayEquals(new byte[] {0, 1, 2, 3}, back.array());
    }

    @Test
    void discardsAndZeroesFreePages() throws BlockIOException {
        MemoryNode node = new MemoryNode("n", 8L * PAGE);
        fill(node, 0, 8 * PAGE);
        node.discard(PAGE - 1, 2L * PAGE + 1, 0);
        assertEquals(6L * PAGE, node.allocatedLength());
        assertEquals(Extent.hole(2L * PAGE), node.status(PAGE, 7L * PAGE));
        node.writeZeroes(4L * PAGE - 1, PAGE + 2, 0);
        assertEquals(5L * PAGE, node.allocatedLength());
        node.writeZeroes(0, 8L * PAGE, RequestFlags.NO_UNMAP);
        assertEquals(8L * PAGE, node.allocatedLength());
        assertArrayEquals(new byte[8 * PAGE], content(node));
        node.writeZeroes(0, 8L * PAGE, 0);
        assertEquals(0, node.allocatedLength());
    }

    @Test
    void whatGrowsBackReadsAsZeroes() throws BlockIOException {
        MemoryNode node = new MemoryNode("n", 3 * PAGE);
        fill(node, 0, 3 * PAGE);
        node.truncate(PAGE + 10);
        assertEquals(2L * PAGE, node.allocatedLength());
        node.truncate(3 * PAGE);
        byte[] expected = new byte[3 * PAGE];
        Arrays.fill(expected, 0, PAGE + 10, (byte) 7);
        assertArrayEquals(expected, content(node));
        BlockIOException e =
                assertThrows(BlockIOException.class, () -> node.truncate(Long.MAX_VALUE));
        assertEquals(Errno.EFBIG, e.errno());
    }

    @Test
    void preallocatesPages() throws BlockIOException {
        MemoryNode node = new MemoryNode("n", 8 * PAGE);
        node.preallocate(PAGE - 1, 2);
        assertEquals(2L * PAGE, node.allocatedLength());
        assertEquals(Extent.data(2 * PAGE), node.status(0, 8 * PAGE));
    }

    @Test
    void readingAndWritingAgainAllocateNothing() throws BlockIOException {
        MemoryNode node = new MemoryNode("n", 1L << 40);
        ByteBuffer data = ByteBuffer.allocateDirect(4096);
        node.write(1L << 39, 0, data);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 10_000; i++) {
                node.tryWrite(1L << 39, 0, data.clear());
                node.tryRead(1L << 39, data.clear());
                node.tryRead(i, data.clear());
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertTrue(least < 10_000, least + " bytes");
    }

    /** In a page table over one and the same pages, so that allocation and growth are contended. */
    @Test
    void writersOfDifferentRangesDoNotDisturbEachOther() throws Exception {
        int writers = 4;
        int chunk = 512;
        long spread = 300L << 20;
        for (int round = 0; round < 20; round++) {
            MemoryNode node = new MemoryNode("n", 10L << 30);
            CyclicBarrier start = new CyclicBarrier(writers);
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int w = 0; w < writers; w++) {
                byte mark = (byte) (w + 1);
                tasks.add(
                        () -> {
                            byte[] data = new byte[chunk];
                            Arrays.fill(data, mark);
                            start.await(10, TimeUnit.SECONDS);
                            for (int i = 0; i < 30; i++) {
                                long at = i * spread + (mark - 1) * (long) chunk;
                                node.write(at, 0, ByteBuffer.wrap(data));
                            }
                            return null;
                        });
            }
            runAll(tasks);
            assertEquals(30L * PAGE, node.allocatedLength());
            ByteBuffer back = ByteBuffer.allocate(writers * chunk);
            for (int i = 0; i < 30; i++) {
                node.read(i * spread, back.clear());
                for (int at = 0; at < back.capacity(); at++) {
                    assertEquals(at / chunk + 1, back.get(at), "round " + round + " page " + i);
                }
            }
        }
    }

    /** Beyond the end of a node that grows at this moment, there may be something already. */
    @Test
    void pageAtTheEndIsNotFreedByHalves() throws BlockIOException {
        MemoryNode node = new MemoryNode("n", PAGE + 100);
        fill(node, 0, PAGE + 100);
        node.discard(0, PAGE + 100, 0);
        assertEquals(PAGE, node.allocatedLength());
        node.writeZeroes(0, PAGE + 100, 0);
        assertEquals(PAGE, node.allocatedLength());
        assertArrayEquals(new byte[PAGE + 100], content(node));
    }

    @Test
    void fullMemoryIsAnErrorAndNotTheEnd() throws Exception {
        String java = ProcessHandle.current().info().command().orElse("java");
        Process process =
                new ProcessBuilder(
                                java,
                                "-Xmx64m",
                                "-XX:MaxDirectMemorySize=8m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Full.class.getName())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes());
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals("ENOSPC ENOSPC written", output.strip());
    }

    /** What the process with little memory does. */
    static final class Full {
        private Full() {}

        public static void main(String[] arguments) throws Exception {
            MemoryNode node = new MemoryNode("n", 1 << 30);
            for (int i = 0; i < 2; i++) {
                try {
                    fill(node, 0, 1 << 24);
                    System.out.print("no error ");
                } catch (BlockIOException e) {
                    System.out.print(e.errno() + " ");
                }
            }
            node.discard(0, 1 << 24, 0);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (System.nanoTime() < deadline) {
                try {
                    fill(node, 1 << 25, 1 << 20);
                    System.out.print("written");
                    return;
                } catch (BlockIOException e) {
                    Thread.onSpinWait();
                }
            }
        }
    }

    @Test
    void sizeIsBounded() throws BlockException {
        FakeContext.options(MemoryNodeDriver.Options.class, "size=1P");
        BlockException e =
                assertThrows(
                        BlockException.class,
                        () -> FakeContext.options(MemoryNodeDriver.Options.class, "size=2P"));
        assertEquals(
                "Option 'size' has the value '2P': a memory node is 1P at most", e.getMessage());
    }

    private static void fill(MemoryNode node, long offset, int length) throws BlockIOException {
        byte[] data = new byte[PAGE];
        Arrays.fill(data, (byte) 7);
        for (int done = 0; done < length; done += PAGE) {
            node.write(offset + done, 0, ByteBuffer.wrap(data, 0, Math.min(PAGE, length - done)));
        }
    }

    private static ByteBuffer direct(byte[] data) {
        return ByteBuffer.allocateDirect(data.length).put(data).flip();
    }

    private static byte[] content(MemoryNode node) throws BlockIOException {
        ByteBuffer content = ByteBuffer.allocate((int) node.length());
        node.read(0, content);
        return content.array();
    }

    private static void runAll(List<Callable<Void>> tasks) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
        try {
            for (Future<Void> done : threads.invokeAll(tasks, 60, TimeUnit.SECONDS)) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
