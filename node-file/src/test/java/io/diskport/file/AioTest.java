package io.diskport.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.node.AsyncRequest;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.DiscardMode;
import io.diskport.api.node.RequestFlags;
import io.diskport.api.options.OnOffAuto;
import io.diskport.natives.NativeMemory;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests past the page cache that are begun and end later. */
@Timeout(60)
class AioTest {
    private static final int AREA = 64 << 10;
    private static final int AREAS = 32;
    private static final int LENGTH = AREAS * AREA;

    @TempDir Path folder;
    private Path path;
    private BlockNode node;
    private final BlockingQueue<Area> ended = new ArrayBlockingQueue<>(2 * AREAS);
    private final AtomicInteger undone = new AtomicInteger();
    private int begun;

    @BeforeEach
    void open() throws Exception {
        path = folder.resolve("disk.raw");
        Files.write(path, FileNodeTests.random(LENGTH, 3));
        node = openNode();
        Area probe = new Area(0);
        probe.prepareRead(0, probe.buffers, 0, 1);
        Needs.that(node.begin(probe), "a file system with asynchronous O_DIRECT under " + folder);
        probe.await();
    }

    @AfterEach
    void close() {
        node.close();
    }

    /** A part of the file, with one request at a time. */
    private final class Area extends AsyncRequest {
        final long begin;
        final ByteBuffer memory = NativeMemory.allocate(AREA, 4096);
        final ByteBuffer[] buffers = {memory.duplicate(), memory.duplicate()};
        final byte[] expected = new byte[AREA];
        String end = "";
        int from;
        int to;

        Area(int number) {
            begin = (long) number * AREA;
            System.arraycopy(FileNodeTests.random(LENGTH, 3), (int) begin, expected, 0, AREA);
        }

        /** Cuts its memory in two where the next request goes. */
        int split(Random random) {
            from = random.nextInt(AREA / 512) * 512;
            to = from + 512 * (1 + random.nextInt((AREA - from) / 512));
            int middle = from + random.nextInt((to - from) / 512) * 512;
            if (middle == from) {
                buffers[0].limit(to).position(from);
                return 1;
            }
            buffers[0].limit(middle).position(from);
            buffers[1].limit(to).position(middle);
            return 2;
        }

        void next(Random random) throws BlockIOException {
            int count = split(random);
            if (random.nextBoolean()) {
                byte[] data = new byte[to - from];
                random.nextBytes(data);
                memory.put(from, data);
                System.arraycopy(data, 0, expected, from, data.length);
                prepareWrite(begin + from, RequestFlags.NONE, buffers, 0, count);
            } else {
                memory.put(from, new byte[to - from]);
                prepareRead(begin + from, buffers, 0, count);
            }
            if (node.begin(this)) {
                begun++;
            } else {
                undone();
            }
        }

        void check() {
            byte[] there = new byte[to - from];
            memory.get(from, there);
            assertArrayEquals(Arrays.copyOfRange(expected, from, to), there, end);
        }

        void await() throws InterruptedException {
            assertEquals(this, ended.poll(20, TimeUnit.SECONDS), "the request has not ended");
        }

        private void ends(String how) {
            end = how;
            ended.add(this);
        }

        @Override
        protected void done() {
            ends("done");
        }

        @Override
        protected void undone() {
            undone.incrementAndGet();
            try {
                if (isWrite()) {
                    node.write(offset(), 0, buffers(), 0, count());
                } else {
                    node.read(offset(), buffers(), 0, count());
                }
                ends("undone");
            } catch (BlockIOException e) {
                ends(e.getMessage());
            }
        }

        @Override
        protected void failed(BlockIOException failure) {
            ends(failure.getMessage());
        }
    }

    @Test
    void manyUnderWayReadBackAsWritten() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < AREAS; i++) {
            new Area(i).next(random);
        }
        Area[] all = new Area[AREAS];
        for (int i = 0; i < 5000; i++) {
            Area area = ended.poll(20, TimeUnit.SECONDS);
            area.check();
            all[(int) (area.begin / AREA)] = area;
            area.next(random);
        }
        for (int i = 0; i < AREAS; i++) {
            Area area = ended.poll(20, TimeUnit.SECONDS);
            area.check();
            all[(int) (area.begin / AREA)] = area;
        }
        assertTrue(begun > 4000, begun + " of 5000 begun, seed " + seed);
        node.flush();
        byte[] content = Files.readAllBytes(path);
        for (int i = 0; i < AREAS; i++) {
            assertArrayEquals(
                    all[i].expected,
                    Arrays.copyOfRange(content, i * AREA, (i + 1) * AREA),
                    "area " + i + ", seed " + seed);
        }
    }

    @Test
    void whatIsNotAllocatedIsWrittenAllTheSame() throws Exception {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(0);
            file.setLength(LENGTH);
        }
        Random random = new Random(5);
        for (int i = 0; i < AREAS; i++) {
            Area area = new Area(i);
            Arrays.fill(area.expected, (byte) 0);
            for (int step = 0; step < 10; step++) {
                area.next(random);
                area.await();
                area.check();
            }
        }
    }

    @Test
    void whatSomebodyHasCutOffReadsAsZeroes() throws Exception {
        Files.newByteChannel(path, java.nio.file.StandardOpenOption.WRITE).truncate(700).close();
        Area area = new Area(0);
        byte[] wanted = new byte[8192];
        System.arraycopy(FileNodeTests.random(LENGTH, 3), 0, wanted, 0, 700);
        byte[] there = new byte[8192];
        // the first ones may be given up for want of what the file system has to look up
        for (int i = 0; i < 10; i++) {
            Arrays.fill(there, (byte) 0xff);
            area.memory.put(0, there);
            area.buffers[0].clear().limit(8192);
            area.prepareRead(0, area.buffers, 0, 1);
            if (!node.begin(area)) {
                area.undone();
            }
            area.await();
            area.memory.get(0, there);
            assertArrayEquals(wanted, there, "round " + i);
        }
    }

    @Test
    void aDurableWriteIsLeftToTheCallThatWaits() throws Exception {
        Area area = new Area(0);
        area.buffers[0].limit(4096);
        area.prepareWrite(0, RequestFlags.FUA, area.buffers, 0, 1);
        assertFalse(node.begin(area));
    }

    @Test
    void whatCannotBeReadFailsWithItsPlace() throws Exception {
        Area area = new Area(0);
        area.buffers[0].limit(4096);
        // memory that is not there any more
        ByteBuffer gone = NativeMemory.view(4096, 4096);
        area.prepareRead(8192, new ByteBuffer[] {gone}, 0, 1);
        assertTrue(node.begin(area));
        area.await();
        assertTrue(
                area.end.matches("Failed to read 4096 bytes at offset 8192 of '.*': .*"), area.end);
    }

    @Test
    void closingLeavesNeitherThreadNorRequest() throws Exception {
        Area[] areas = new Area[AREAS];
        for (int i = 0; i < AREAS; i++) {
            areas[i] = new Area(i);
            areas[i].buffers[0].limit(AREA);
            areas[i].prepareRead((long) i * AREA, areas[i].buffers, 0, 1);
        }
        int started = 0;
        for (Area area : areas) {
            started += node.begin(area) ? 1 : 0;
        }
        node.close();
        for (int i = 0; i < started; i++) {
            Area area = ended.poll(20, TimeUnit.SECONDS);
            area.from = 0;
            area.to = area.end.equals("done") ? AREA : 0;
            area.check();
        }
        Area late = new Area(0);
        late.prepareRead(0, late.buffers, 0, 1);
        assertFalse(node.begin(late));
        assertTrue(
                Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().contains(path.toString())),
                "its thread stays");
    }

    /** The kernel gives the number of what has ended to the next. */
    @Test
    void aRequestThatComesTooLateTouchesNobody() throws Exception {
        for (int i = 0; i < 20; i++) {
            BlockNode ended = openNode();
            Area late = new Area(1);
            late.prepareRead(0, late.buffers, 0, 1);
            assertTrue(ended.begin(late));
            late.await();
            ended.close();
            BlockNode next = openNode();
            Area area = new Area(2);
            area.prepareRead(0, area.buffers, 0, 1);
            assertTrue(next.begin(area));
            area.await();
            late.buffers[0].clear();
            late.prepareRead(0, late.buffers, 0, 1);
            assertFalse(ended.begin(late));
            area.buffers[0].clear();
            area.prepareRead(0, area.buffers, 0, 1);
            assertTrue(next.begin(area), "it goes on after " + i + " rounds");
            area.await();
            next.close();
        }
    }

    @Test
    void whoBeginsWhileOthersCloseTouchesNobody() throws Exception {
        AtomicReference<BlockNode> closing = new AtomicReference<>(openNode());
        AtomicInteger underWay = new AtomicInteger();
        AtomicBoolean over = new AtomicBoolean();
        ByteBuffer[] buffers = {NativeMemory.allocate(4096, 4096)};
        Thread beginner =
                new Thread(
                        () -> {
                            while (!over.get()) {
                                beginOne(closing.get(), buffers, underWay);
                            }
                        });
        beginner.start();
        Random random = new Random(11);
        Area area = new Area(0);
        for (int i = 0; i < 50; i++) {
            BlockNode before = closing.get();
            area.next(random);
            before.close();
            closing.set(openNode());
            area.await();
            area.check();
        }
        over.set(true);
        beginner.join();
        closing.get().close();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (underWay.get() > 0 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertEquals(0, underWay.get(), "requests that have not ended");
    }

    private BlockNode openNode() throws BlockException {
        return new FileNodeDriver(new NativeFileOpener())
                .open(
                        TestContext.with(true, DiscardMode.UNMAP),
                        new FileOptions(path, OnOffAuto.AUTO));
    }

    private static void beginOne(BlockNode to, ByteBuffer[] buffers, AtomicInteger underWay) {
        Counting request = new Counting(underWay);
        underWay.incrementAndGet();
        try {
            buffers[0].clear();
            request.prepareRead(0, buffers, 0, 1);
            if (!to.begin(request)) {
                underWay.decrementAndGet();
            }
        } catch (BlockIOException e) {
            underWay.decrementAndGet();
        }
    }

    @Test
    void aRequestAllocatesNothing() throws Exception {
        AtomicInteger underWay = new AtomicInteger();
        Counting request = new Counting(underWay);
        ByteBuffer[] buffers = {NativeMemory.allocate(4096, 4096)};
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = 0;
        for (int i = 0; i < 6000; i++) {
            if (i == 3000) {
                before = threads.getCurrentThreadAllocatedBytes();
            }
            underWay.set(1);
            buffers[0].clear();
            request.prepareRead(4096L * (i % 16), buffers, 0, 1);
            while (!node.begin(request)) {
                Thread.onSpinWait();
            }
            while (underWay.get() > 0) {
                Thread.onSpinWait();
            }
        }
        long each = (threads.getCurrentThreadAllocatedBytes() - before) / 3000;
        assertTrue(each < 1, each + " bytes a request");
    }

    /** Counts down when it ends. */
    private static final class Counting extends AsyncRequest {
        private final AtomicInteger underWay;

        Counting(AtomicInteger underWay) {
            this.underWay = underWay;
        }

        @Override
        protected void done() {
            underWay.decrementAndGet();
        }

        @Override
        protected void undone() {
            underWay.decrementAndGet();
        }

        @Override
        protected void failed(BlockIOException failure) {
            underWay.decrementAndGet();
        }
    }
}
