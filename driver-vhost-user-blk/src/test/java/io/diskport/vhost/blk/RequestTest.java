package io.diskport.vhost.blk;

import static io.diskport.vhost.blk.testing.Vhost.bit;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.Errno;
import io.diskport.api.node.RequestFlags;
import io.diskport.testkit.fake.MemoryBackend;
import io.diskport.vhost.blk.testing.Await;
import io.diskport.vhost.blk.testing.Bytes;
import io.diskport.vhost.blk.testing.FrontEnd;
import io.diskport.vhost.blk.testing.Queue;
import io.diskport.vhost.blk.testing.Queue.Segment;
import io.diskport.vhost.blk.testing.Queue.Ticket;
import io.diskport.vhost.blk.testing.SplitRing;
import io.diskport.vhost.blk.testing.Vhost;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What requests do, whatever way they come in and are done. */
@Timeout(60)
@ParameterizedClass
@CsvSource({
    "true, true, INLINE",
    "true, true, BEGUN",
    "true, false, WAITING",
    "false, true, WAITING",
    "false, false, INLINE"
})
class RequestTest {
    private static final int SIZE = 16 << 20;
    private static final long DATA = FrontEnd.DATA;

    @Parameter(0)
    boolean indirect;

    @Parameter(1)
    boolean eventIdx;

    @Parameter(2)
    Way way;

    /** How the node does them. */
    enum Way {
        INLINE,
        WAITING,
        BEGUN
    }

    private MemoryBackend node;
    private Site site;
    private FrontEnd frontEnd;
    private Queue queue;

    @BeforeEach
    void connect() throws Exception {
        node = MemoryBackend.of(SIZE);
        node.inline = way == Way.INLINE;
        node.async = way == Way.BEGUN;
        site = new Site(node);
        frontEnd =
                site.frontEnd(
                        setup -> {
                            setup.queues = 2;
                            setup.without =
                                    (indirect ? 0 : bit(Vhost.F_INDIRECT))
                                            | (eventIdx ? 0 : bit(Vhost.F_EVENT_IDX));
                        });
        queue = frontEnd.queue();
    }

    @AfterEach
    void close() throws Exception {
        frontEnd.close();
        site.close();
    }

    private static Segment data(long offset, int length) {
        return new Segment(DATA + offset, length);
    }

    // Reading and writing

    @ParameterizedTest
    @ValueSource(ints = {512, 4096, 65_536, 1 << 20, 4 << 20})
    void whatIsWrittenIsRead(int length) {
        byte[] bytes = Bytes.pattern(length, length);
        assertEquals(Vhost.OK, frontEnd.write(queue, 1024, bytes));
        assertArrayEquals(bytes, node.content(1024, length));
        frontEnd.memory.put(DATA, new byte[length]);
        Ticket read = queue.submit(Vhost.IN, 2, data(0, length));
        assertEquals(Vhost.OK, queue.await(read));
        assertArrayEquals(bytes, frontEnd.memory.get(DATA, length));
        assertEquals(length + 1, read.written);
    }

    @Test
    void manySegmentsInAnyOrder() {
        int count = 60;
        Segment[] segments = new Segment[count];
        Bytes expected = Bytes.of();
        for (int i = 0; i < count; i++) {
            segments[i] = data((count - i) * 8192L, 512 * (1 + i % 7));
            byte[] part = Bytes.pattern(segments[i].length(), i);
            frontEnd.memory.put(segments[i].guest(), part);
            expected.put(part);
        }
        byte[] bytes = expected.array();
        assertEquals(Vhost.OK, queue.run(Vhost.OUT, 7, segments));
        assertArrayEquals(bytes, node.content(7 * 512, bytes.length));
        frontEnd.memory.put(DATA, new byte[1 << 20]);
        assertEquals(Vhost.OK, queue.run(Vhost.IN, 7, segments));
        int at = 0;
        for (Segment segment : segments) {
            assertArrayEquals(
                    Arrays.copyOfRange(bytes, at, at + segment.length()),
                    frontEnd.memory.get(segment.guest(), segment.length()));
            at += segment.length();
        }
    }

    @Test
    void segmentsOfAnyLengthAndPlace() {
        byte[] bytes = Bytes.pattern(1024, 5);
        node.fill(0, bytes);
        Segment[] odd = {data(3, 1), data(77, 510), data(1001, 13), data(5001, 500)};
        assertEquals(Vhost.OK, queue.run(Vhost.IN, 0, odd));
        assertArrayEquals(Arrays.copyOfRange(bytes, 1, 511), frontEnd.memory.get(DATA + 77, 510));
        assertArrayEquals(
                Arrays.copyOfRange(bytes, 524, 1024), frontEnd.memory.get(DATA + 5001, 500));
        assertEquals(Vhost.OK, queue.run(Vhost.OUT, 100, odd));
        assertArrayEquals(bytes, node.content(51_200, 1024));
    }

    @Test
    void anEmptyRequestIsDone() {
        assertEquals(Vhost.OK, queue.run(Vhost.IN, 0));
        assertEquals(Vhost.OK, queue.run(Vhost.OUT, 0));
    }

    @Test
    void lastSectors() {
        byte[] bytes = Bytes.pattern(512, 9);
        assertEquals(Vhost.OK, frontEnd.write(queue, SIZE - 512, bytes));
        assertArrayEquals(bytes, frontEnd.read(queue, SIZE - 512, 512));
    }

    @ParameterizedTest
    @ValueSource(longs = {SIZE / 512 - 1, SIZE / 512, 1L << 54, Long.MAX_VALUE, -1, -8})
    void whatLiesOutsideFails(long sector) {
        assertEquals(Vhost.IOERR, queue.run(Vhost.IN, sector, data(0, 1024)));
        assertEquals(Vhost.IOERR, queue.run(Vhost.OUT, sector, data(0, 1024)));
        assertEquals(Vhost.OK, queue.run(Vhost.IN, 0, data(0, 1024)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 511, 513, 4095})
    void partsOfSectorsFail(int length) {
        assertEquals(Vhost.IOERR, queue.run(Vhost.IN, 0, data(0, length)));
        assertEquals(Vhost.IOERR, queue.run(Vhost.OUT, 0, data(0, length)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"EIO", "ENOSPC", "EROFS"})
    void whatFailsInTheNodeFails(String error) {
        node.failure = Errno.valueOf(error);
        assertEquals(Vhost.IOERR, queue.run(Vhost.IN, 0, data(0, 4096)));
        assertEquals(Vhost.IOERR, queue.run(Vhost.OUT, 0, data(0, 4096)));
        assertEquals(Vhost.IOERR, queue.run(Vhost.FLUSH, 0));
        node.failure = null;
        assertEquals(Vhost.OK, queue.run(Vhost.IN, 0, data(0, 4096)));
    }

    @Test
    void aMistakeInTheNodeFails() {
        site.forgiving = true;
        node.bug = new IllegalStateException("as told");
        assertEquals(Vhost.IOERR, queue.run(Vhost.IN, 0, data(0, 4096)));
        assertEquals(Vhost.IOERR, queue.run(Vhost.FLUSH, 0));
        node.bug = null;
        assertEquals(Vhost.OK, queue.run(Vhost.IN, 0, data(0, 4096)));
    }

    // Everything else

    @Test
    void flush() {
        assertEquals(Vhost.OK, queue.run(Vhost.FLUSH, 0));
        assertEquals(1, node.flushes.get());
    }

    private int ranges(int type, long sector, long count, long flags) {
        frontEnd.memory.put(DATA, Bytes.of().u64(sector).u32(count).u32(flags).array());
        return queue.run(type, 0, data(0, 16));
    }

    @Test
    void discard() {
        assertEquals(Vhost.OK, ranges(Vhost.DISCARD, 8, 32768 - 8, 0));
        assertTrue(node.lastDiscard.startsWith("4096+" + (32768 - 8) * 512), node.lastDiscard);
    }

    @Test
    void writeZeroes() {
        node.fill(0, Bytes.pattern(8192, 1));
        assertEquals(Vhost.OK, ranges(Vhost.WRITE_ZEROES, 2, 4, 0));
        assertEquals("1024+2048 flags " + RequestFlags.NO_UNMAP, node.lastZeroes);
        assertArrayEquals(new byte[2048], node.content(1024, 2048));
        assertEquals(Vhost.OK, ranges(Vhost.WRITE_ZEROES, 2, 4, 1));
        assertEquals("1024+2048 flags 0", node.lastZeroes);
    }

    @ParameterizedTest
    @CsvSource({
        "11, 0, 32769, 0, 1",
        "11, 0, 4294967295, 0, 1",
        "11, 32768, 1, 0, 1",
        "11, -1, 8, 0, 1",
        "11, 9223372036854775807, 8, 0, 1",
        "11, 0, 8, 1, 2",
        "11, 0, 8, 2, 2",
        "13, 0, 32769, 0, 1",
        "13, 32768, 1, 0, 1",
        "13, -1, 8, 0, 1",
        "13, 0, 8, 2, 2",
        "13, 0, 8, 4294967295, 2"
    })
    void wrongRangesFail(int type, long sector, long count, long flags, int status) {
        assertEquals(status, ranges(type, sector, count, flags));
        assertEquals("", node.lastDiscard + node.lastZeroes);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 4", "7, 0", "15, 0", "17, 0", "32, 0", "48, 0"})
    void oneRangeAndNotSomethingElse(int length, int ignored) {
        frontEnd.memory.put(DATA, Bytes.of().u64(0).u32(8).u32(0).zeroes(64).array());
        Segment[] segments = length == 0 ? new Segment[0] : new Segment[] {data(0, length)};
        assertNotEquals(Vhost.OK, queue.run(Vhost.DISCARD, 0, segments));
        assertNotEquals(Vhost.OK, queue.run(Vhost.WRITE_ZEROES, 0, segments));
        assertEquals("", node.lastDiscard + node.lastZeroes);
    }

    @Test
    void aRangeMayComeInPieces() {
        frontEnd.memory.put(DATA, Bytes.of().u64(2).u32(4).u32(0).array());
        assertEquals(
                Vhost.OK, queue.run(Vhost.WRITE_ZEROES, 0, data(0, 5), data(5, 6), data(11, 5)));
        assertEquals("1024+2048 flags " + RequestFlags.NO_UNMAP, node.lastZeroes);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 19, 20, 64})
    void identity(int room) {
        frontEnd.memory.put(DATA, new byte[64]);
        int status = queue.run(Vhost.GET_ID, 0, data(0, room));
        assertTrue(room < 20 || status == Vhost.OK, "status " + status);
        byte[] expected =
                Arrays.copyOf(site.id.getBytes(java.nio.charset.StandardCharsets.US_ASCII), 20);
        if (status == Vhost.OK) {
            int length = Math.min(room, 20);
            assertArrayEquals(Arrays.copyOf(expected, length), frontEnd.memory.get(DATA, length));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 7, 10, 12, 14, 15, 24, 0x7fffffff, -1})
    void typesThatAreNotThereAreNotSupported(int type) {
        assertEquals(Vhost.UNSUPP, queue.run(type, 0, data(0, 512)));
        assertEquals(Vhost.UNSUPP, queue.run(type, 0));
    }

    // Layouts (section 2.7.4: a device makes no assumption about them)

    private int layout(long... addressLengthFlags) {
        int head = 7;
        int count = addressLengthFlags.length / 3;
        for (int i = 0; i < count; i++) {
            boolean last = i == count - 1;
            queue.ring.descriptor(
                    head + i,
                    addressLengthFlags[3 * i],
                    addressLengthFlags[3 * i + 1],
                    (int) addressLengthFlags[3 * i + 2] | (last ? 0 : Vhost.NEXT),
                    last ? 0 : head + i + 1);
        }
        int before = queue.ring.usedIndex();
        queue.offer(head);
        Await.until("used", () -> queue.ring.usedIndex() != before);
        assertEquals(head, queue.ring.usedHead(before));
        return queue.ring.usedLength(before);
    }

    private void header(int type, long sector) {
        frontEnd.memory.put(DATA, Bytes.of().u32(type).u32(0).u64(sector).array());
        frontEnd.memory.put(DATA + 4096, new byte[] {9});
    }

    private int status() {
        return frontEnd.memory.get(DATA + 4096, 1)[0];
    }

    @Test
    void aHeaderWithItsDataInOneDescriptor() {
        header(Vhost.OUT, 3);
        byte[] bytes = Bytes.pattern(512, 4);
        frontEnd.memory.put(DATA + 16, bytes);
        layout(DATA, 528, 0, DATA + 4096, 1, 2);
        assertEquals(Vhost.OK, status());
        assertArrayEquals(bytes, node.content(3 * 512, 512));
    }

    @Test
    void aHeaderInPieces() {
        header(Vhost.OUT, 3);
        byte[] bytes = Bytes.pattern(512, 4);
        frontEnd.memory.put(DATA + 16, bytes);
        layout(
                DATA,
                3,
                0,
                DATA + 3,
                9,
                0,
                DATA + 12,
                300,
                0,
                DATA + 312,
                216,
                0,
                DATA + 4096,
                1,
                2);
        assertEquals(Vhost.OK, status());
        assertArrayEquals(bytes, node.content(3 * 512, 512));
    }

    @Test
    void aStatusBehindItsDataInOneDescriptor() {
        header(Vhost.IN, 3);
        byte[] bytes = Bytes.pattern(512, 4);
        node.fill(3 * 512, bytes);
        assertEquals(513, layout(DATA, 16, 0, DATA + 4096 - 512, 513, 2));
        assertEquals(Vhost.OK, status());
        assertArrayEquals(bytes, frontEnd.memory.get(DATA + 4096 - 512, 512));
    }

    @Test
    void emptyDescriptorsAreNothing() {
        header(Vhost.IN, 3);
        node.fill(3 * 512, Bytes.pattern(512, 4));
        layout(DATA, 16, 0, DATA, 0, 0, DATA + 512, 512, 2, DATA, 0, 2, DATA + 4096, 1, 2);
        assertEquals(Vhost.OK, status());
        assertArrayEquals(Bytes.pattern(512, 4), frontEnd.memory.get(DATA + 512, 512));
    }

    // Many at once

    @Test
    void aFullRing() {
        int count = indirect ? queue.size : queue.size / 3;
        for (int round = 0; round < 20; round++) {
            List<Ticket> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                frontEnd.memory.put(DATA + 4096L * i, Bytes.pattern(4096, i + round));
                all.add(queue.prepare(Vhost.OUT, 8 * i, data(4096L * i, 4096)));
            }
            queue.publish();
            for (Ticket ticket : all) {
                assertEquals(Vhost.OK, queue.await(ticket));
            }
            for (int i = 0; i < count; i++) {
                assertArrayEquals(Bytes.pattern(4096, i + round), node.content(4096 * i, 4096));
            }
        }
    }

    @Test
    void requestsOvertakeOneThatHangs() {
        node.hangFlushes();
        Ticket flush = queue.submit(Vhost.FLUSH, 0);
        for (int i = 0; i < 50; i++) {
            assertEquals(Vhost.OK, queue.run(Vhost.IN, i, data(0, 4096)));
        }
        assertTrue(!flush.isDone());
        node.goOn();
        assertEquals(Vhost.OK, queue.await(flush));
    }

    @Test
    void moreHangingRequestsThanThreads() {
        node.inline = false;
        node.hang();
        List<Ticket> all = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            all.add(queue.submit(Vhost.IN, i, data(0, 512)));
        }
        Await.until("some hang", () -> node.hanging.get() > 0);
        assertEquals(0, queue.collect());
        node.goOn();
        for (Ticket ticket : all) {
            assertEquals(Vhost.OK, queue.await(ticket));
        }
    }

    @Test
    void twoQueuesAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> both = new ArrayList<>();
            for (Queue one : frontEnd.queues) {
                both.add(threads.submit(() -> random(one)));
            }
            for (Future<?> one : both) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** Writes and reads at random places of a half, and compares with what should be there. */
    private void random(Queue own) {
        int half = SIZE / 2;
        int base = half * own.index;
        Random random = new Random(own.index);
        byte[] expected = new byte[half];
        for (int i = 0; i < 400; i++) {
            List<Ticket> all = new ArrayList<>();
            for (int slot = 0; slot < 16; slot++) {
                int length = 512 * (1 + random.nextInt(random.nextInt(20) == 0 ? 400 : 16));
                int at = slot * (half / 16) + 512 * random.nextInt(16);
                int place = base + slot * (half / 16);
                byte[] bytes = Bytes.pattern(length, random.nextLong());
                System.arraycopy(bytes, 0, expected, at, length);
                frontEnd.memory.put(DATA + place, bytes);
                int cut = random.nextInt(length - 1) + 1;
                all.add(
                        own.submit(
                                Vhost.OUT,
                                (base + at) / 512,
                                data(place, cut),
                                data(place + (long) cut, length - cut)));
            }
            for (Ticket ticket : all) {
                assertEquals(Vhost.OK, own.await(ticket));
            }
            int slot = random.nextInt(16) * (half / 16);
            assertEquals(Vhost.OK, own.run(Vhost.IN, (base + slot) / 512, data(base, 64 << 10)));
            assertArrayEquals(
                    Arrays.copyOfRange(expected, slot, slot + (64 << 10)),
                    frontEnd.memory.get(DATA + base, 64 << 10));
        }
    }

    // Calls and kicks

    @Test
    void nobodyIsCalledWhoDoesNotWantIt() {
        queue.call.take();
        queue.ring.availFlags(eventIdx ? 0 : 1);
        queue.ring.usedEvent(queue.ring.usedIndex() + 1000);
        Ticket ticket = queue.submit(Vhost.IN, 0, data(0, 512));
        Await.until(
                "done",
                () -> {
                    queue.collect();
                    return ticket.isDone();
                });
        assertEquals(0, queue.call.take());
        queue.ring.availFlags(0);
        queue.ring.usedEvent(queue.ring.usedIndex());
        assertEquals(Vhost.OK, queue.run(Vhost.IN, 0, data(0, 512)));
    }

    @Test
    void aFullBatchIsCalledForOnce() {
        if (way != Way.INLINE) {
            return;
        }
        queue.call.take();
        List<Ticket> all = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            all.add(queue.prepare(Vhost.IN, i, data(0, 512)));
        }
        queue.ring.usedEvent(queue.ring.usedIndex());
        queue.publish();
        assertTrue(queue.call.await(5000));
        Await.until(
                "all are done",
                () -> {
                    queue.collect();
                    return all.get(31).isDone();
                });
        assertTrue(queue.call.take() <= 3, "calls for a batch");
    }

    @Test
    void kicksInVainDoNoHarm() {
        for (int i = 0; i < 1000; i++) {
            queue.kick.signal();
        }
        assertEquals(Vhost.OK, queue.run(Vhost.IN, 0, data(0, 512)));
    }

    @Test
    void descriptorsOfTheTableMayBeReadOnlyOnce() {
        // Whoever writes the ring anew as soon as a request is used disturbs nobody.
        for (int i = 0; i < 2000; i++) {
            Ticket ticket = queue.submit(Vhost.IN, i % 100, data(0, 512));
            assertEquals(Vhost.OK, queue.await(ticket));
            SplitRing ring = queue.ring;
            ring.descriptor(ticket.head, -1, -1, 0xffff, 0xffff);
        }
    }
}
