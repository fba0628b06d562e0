package io.diskport.vhost.blk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.natives.Libc;
import io.diskport.natives.NativeMemory;
import io.diskport.testkit.fake.MemoryBackend;
import io.diskport.vhost.blk.testing.Await;
import io.diskport.vhost.blk.testing.Bytes;
import io.diskport.vhost.blk.testing.FrontEnd;
import io.diskport.vhost.blk.testing.Queue;
import io.diskport.vhost.blk.testing.Queue.Segment;
import io.diskport.vhost.blk.testing.Queue.Ticket;
import io.diskport.vhost.blk.testing.Vhost;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are under way when a connection is lost, or the whole back-end. */
@Timeout(60)
class InflightTest {
    private static final int SIZE = 16 << 20;
    private static final long DATA = FrontEnd.DATA;
    private static final int HEADER = 16;

    private final MemoryBackend node = MemoryBackend.of(SIZE);
    private Site site;
    private FrontEnd frontEnd;

    @BeforeEach
    void connect() throws Exception {
        site = new Site(node);
        frontEnd = site.frontEnd(setup -> setup.queues = 2);
    }

    @AfterEach
    void close() throws Exception {
        frontEnd.close();
        site.close();
    }

    private ByteBuffer inflight() {
        int size = (int) Bytes.getU64(frontEnd.inflightDescription(), 0);
        ByteBuffer copy = NativeMemory.allocate(size, 8).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(size, Libc.pread(frontEnd.inflight(), NativeMemory.address(copy), size, 0));
        return copy;
    }

    @Test
    void theLayoutIsTheSpecifications() {
        byte[] description = frontEnd.inflightDescription();
        int perQueue = HEADER + 16 * 128;
        perQueue = (perQueue + 63) / 64 * 64;
        assertTrue(Bytes.getU64(description, 0) >= 2L * perQueue, "size");
        assertEquals(0, Bytes.getU64(description, 8), "offset");
        assertEquals(2, Bytes.getU16(description, 16), "queues");
        assertEquals(128, Bytes.getU16(description, 18), "queue size");
    }

    @Test
    void whatIsUnderWayIsMarked() {
        Queue queue = frontEnd.queue();
        node.hang();
        List<Ticket> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            all.add(queue.submit(Vhost.OUT, 8 * i, new Segment(DATA, 4096)));
        }
        Await.until("they hang", () -> node.hanging.get() == 5);
        ByteBuffer memory = inflight();
        assertEquals(1, memory.getShort(8), "version");
        assertEquals(128, memory.getShort(10), "desc_num");
        long before = -1;
        for (int head = 0; head < 128; head++) {
            int at = HEADER + 16 * head;
            int expected = head;
            boolean underWay = all.stream().anyMatch(ticket -> ticket.head == expected);
            assertEquals(underWay ? 1 : 0, memory.get(at), "head " + head);
            if (underWay) {
                assertTrue(memory.getLong(at + 8) > before, "the order in which they came");
                before = memory.getLong(at + 8);
            }
        }
        node.goOn();
        for (Ticket ticket : all) {
            assertEquals(Vhost.OK, queue.await(ticket));
        }
        Await.until(
                "nothing is marked",
                () -> {
                    ByteBuffer now = inflight();
                    return now.getShort(14) == 5
                            && all.stream().allMatch(t -> now.get(HEADER + 16 * t.head) == 0);
                });
    }

    @Test
    void whatWasUnderWayIsDoneByTheNextConnection() throws Exception {
        isDoneLater(
                () -> {
                    node.goOn();
                    frontEnd.reconnect();
                });
    }

    @Test
    void whatWasUnderWayIsDoneByTheNextDaemon() throws Exception {
        isDoneLater(
                () -> {
                    site.export.requestShutdown(io.diskport.api.export.ShutdownMode.HARD);
                    node.goOn();
                    site.export.delete();
                    site.start(Optional.empty());
                    frontEnd.reconnect();
                });
    }

    /** Something that may fail. */
    interface Step {
        void run() throws Exception;
    }

    private void isDoneLater(Step step) throws Exception {
        List<Ticket> all = new ArrayList<>();
        node.hang();
        for (Queue queue : frontEnd.queues) {
            for (int i = 0; i < 6; i++) {
                long place = DATA + 8192L * (8L * queue.index + i);
                frontEnd.memory.put(place, Bytes.pattern(4096, i + 10L * queue.index));
                all.add(
                        queue.submit(
                                Vhost.OUT, 8 * (i + 100L * queue.index), new Segment(place, 4096)));
            }
        }
        Await.until("they hang", () -> node.hanging.get() >= 8);
        step.run();
        for (int i = 0; i < all.size(); i++) {
            assertEquals(Vhost.OK, frontEnd.queues.get(i / 6).await(all.get(i)));
        }
        for (int i = 0; i < 12; i++) {
            assertArrayEquals(
                    Bytes.pattern(4096, i % 6 + 10L * (i / 6)),
                    node.content(4096 * (i % 6 + 100 * (i / 6)), 4096));
        }
        for (Queue queue : frontEnd.queues) {
            assertEquals(6, queue.ring.usedIndex(), "nothing comes back twice");
        }
    }

    /** What a killed daemon leaves: requests that are marked, and that nobody does. */
    @Test
    void whatAKilledDaemonLeftIsDoneInTheOrderItCame() throws Exception {
        site.end();
        Queue queue = frontEnd.queue();
        frontEnd.memory.put(DATA, Bytes.pattern(512, 1));
        frontEnd.memory.put(DATA + 512, Bytes.pattern(512, 2));
        frontEnd.memory.put(DATA + 1024, Bytes.pattern(512, 3));
        Ticket first = queue.prepare(Vhost.OUT, 0, new Segment(DATA, 512));
        Ticket second = queue.prepare(Vhost.OUT, 1, new Segment(DATA + 512, 512));
        Ticket third = queue.prepare(Vhost.OUT, 2, new Segment(DATA + 1024, 512));
        queue.ring.availIndex(3);
        // The second came back already: it is in the used ring, but still marked.
        ByteBuffer memory = inflight();
        memory.putShort(8, (short) 1).putShort(10, (short) 128);
        mark(memory, first.head, 1, 1);
        mark(memory, second.head, 1, 2);
        memory.putShort(12, (short) second.head).putShort(14, (short) 0);
        store(memory);
        use(second.head);
        site.start(Optional.empty());
        frontEnd.reconnect();
        queue.publish();
        assertEquals(Vhost.OK, queue.await(first));
        assertEquals(Vhost.OK, queue.await(third));
        assertTrue(second.isDone());
        assertArrayEquals(Bytes.pattern(512, 1), node.content(0, 512));
        assertArrayEquals(
                new byte[512], node.content(512, 512), "done by the killed one, not again");
        assertArrayEquals(Bytes.pattern(512, 3), node.content(1024, 512));
        assertEquals(3, queue.ring.usedIndex());
    }

    private static void mark(ByteBuffer memory, int head, int on, long counter) {
        memory.put(HEADER + 16 * head, (byte) on);
        memory.putLong(HEADER + 16 * head + 8, counter);
    }

    private void store(ByteBuffer memory) {
        assertEquals(
                memory.capacity(),
                Libc.pwrite(
                        frontEnd.inflight(), NativeMemory.address(memory), memory.capacity(), 0));
    }

    private void use(int head) {
        ByteBuffer used = frontEnd.memory.at(frontEnd.queue().guest + 0xc000, 64);
        used.putInt(4, head).putInt(8, 1).putShort(2, (short) 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void lossesUnderLoad(int seed) throws Exception {
        Random random = new Random(seed);
        byte[] expected = new byte[SIZE];
        for (int round = 0; round < 25; round++) {
            List<Ticket> all = new ArrayList<>();
            List<Queue> queues = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                Queue queue = frontEnd.queues.get(i % 2);
                int block = i * 16 + random.nextInt(16);
                byte[] bytes = Bytes.pattern(4096, random.nextLong());
                System.arraycopy(bytes, 0, expected, block * 4096, 4096);
                frontEnd.memory.put(DATA + 4096L * i, bytes);
                all.add(queue.submit(Vhost.OUT, block * 8L, new Segment(DATA + 4096L * i, 4096)));
                queues.add(queue);
            }
            if (round % 3 == 2) {
                site.end();
                site.start(Optional.empty());
            }
            frontEnd.reconnect();
            for (int i = 0; i < all.size(); i++) {
                assertEquals(Vhost.OK, queues.get(i).await(all.get(i)));
            }
            assertArrayEquals(expected, node.content());
        }
        assertTrue(Files.exists(site.socket()));
    }

    @Test
    void nonsenseInTheMemoryDoesNoHarm() throws Exception {
        for (int seed = 1; seed <= 20; seed++) {
            frontEnd.messages.close();
            ByteBuffer memory = inflight();
            byte[] bytes = Bytes.pattern(memory.capacity(), seed);
            if (seed % 2 == 0) {
                // a right header before it
                bytes[8] = 1;
                bytes[9] = 0;
                bytes[10] = (byte) 128;
                bytes[11] = 0;
            }
            memory.put(0, bytes);
            store(memory);
            try {
                frontEnd.reconnect();
                frontEnd.messages.hasInput(20);
            } catch (java.io.IOException e) {
                assertTrue(site.log.toString().length() > 0, "thrown out, and told why");
            }
        }
        try (FrontEnd next = site.frontEnd()) {
            assertEquals(Vhost.OK, next.write(next.queue(), 0, new byte[512]));
        }
    }
}
