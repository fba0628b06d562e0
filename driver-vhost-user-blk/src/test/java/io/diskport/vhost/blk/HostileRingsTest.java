package io.diskport.vhost.blk;

import static io.diskport.vhost.blk.testing.Vhost.INDIRECT;
import static io.diskport.vhost.blk.testing.Vhost.NEXT;
import static io.diskport.vhost.blk.testing.Vhost.WRITE;
import static io.diskport.vhost.blk.testing.Vhost.bit;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.testkit.fake.MemoryBackend;
import io.diskport.vhost.blk.testing.Await;
import io.diskport.vhost.blk.testing.Bytes;
import io.diskport.vhost.blk.testing.FrontEnd;
import io.diskport.vhost.blk.testing.Queue;
import io.diskport.vhost.blk.testing.Resources;
import io.diskport.vhost.blk.testing.SplitRing;
import io.diskport.vhost.blk.testing.Vhost;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Guests whose rings are not what they should be: they lose their disk, and nobody else does. */
@Timeout(60)
@ParameterizedClass
@ValueSource(booleans = {true, false})
class HostileRingsTest {
    private static final int MIB = 1 << 20;
    private static final long DATA = FrontEnd.DATA;
    private static final long OUTSIDE = 0x8000_0000L;

    @Parameter(0)
    boolean inline;

    private MemoryBackend node;
    private Site site;

    /** What a guest writes into its memory. */
    interface Abuse {
        void of(FrontEnd frontEnd, Queue queue);
    }

    /** What a front-end does, and what the log has to say of it. */
    private record Case(String reason, Abuse abuse) implements Abuse {
        @Override
        public void of(FrontEnd frontEnd, Queue queue) {
            abuse.of(frontEnd, queue);
        }
    }

    @BeforeEach
    void offer() throws Exception {
        node = MemoryBackend.of(MIB);
        node.inline = inline;
        site = new Site(node);
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    private void works(FrontEnd frontEnd) {
        byte[] data = Bytes.pattern(4096, System.nanoTime());
        assertEquals(Vhost.OK, frontEnd.write(frontEnd.queue(), 0, data));
        assertArrayEquals(data, frontEnd.read(frontEnd.queue(), 0, 4096));
    }

    private void isLost(FrontEnd.Change change, Abuse abuse) throws Exception {
        int descriptors = Resources.descriptors();
        long mappings = Resources.mappings();
        try (FrontEnd frontEnd = site.frontEnd(change)) {
            works(frontEnd);
            abuse.of(frontEnd, frontEnd.queue());
            frontEnd.messages.awaitEnd();
            Await.until(
                    () -> "the log does not say why: " + site.log,
                    () -> site.log.of(System.Logger.Level.WARNING).size() == 1);
            String reason = abuse instanceof Case known ? known.reason : "";
            assertTrue(site.log.toString().contains(reason), site.log::toString);
        }
        try (FrontEnd next = site.frontEnd()) {
            works(next);
        }
        Await.until(() -> "descriptors stay", () -> Resources.descriptors() <= descriptors);
        Await.until(() -> "mappings stay", () -> Resources.mappings() <= mappings);
    }

    private static Named<Abuse> named(String name, String reason, Abuse abuse) {
        return Named.of(name, new Case(reason, abuse));
    }

    // Indexes and chains

    /** A chain from descriptor 0 on: address, length and flags of each. */
    private static void chain(Queue queue, long... parts) {
        queue.prepareHeader(0, Vhost.IN, 0);
        int count = parts.length / 3;
        for (int i = 0; i < count; i++) {
            queue.ring.descriptor(
                    i,
                    parts[3 * i],
                    parts[3 * i + 1],
                    (int) parts[3 * i + 2] | (i < count - 1 ? NEXT : 0),
                    i + 1);
        }
        queue.offer(0);
    }

    static Stream<Named<Abuse>> rings() {
        return Stream.of(
                named("head 128 of 128", "head", (f, q) -> q.offer(128)),
                named("head 65535", "head", (f, q) -> q.offer(65535)),
                named("129 ahead", "requests available", (f, q) -> ahead(q, 129)),
                named("32768 ahead", "requests available", (f, q) -> ahead(q, 32768)),
                named("1 back", "requests available", (f, q) -> ahead(q, -1)),
                named("next 128", "of a table of", (f, q) -> next(q, 128)),
                named("next 65535", "of a table of", (f, q) -> next(q, 65535)),
                named("itself next", "without an end", (f, q) -> next(q, 0)),
                named("a loop", "without an end", HostileRingsTest::loop),
                named("nothing", "without a header", (f, q) -> chain(q, DATA, 0, 0)),
                named("a header only", "without a status", (f, q) -> chain(q, q.header(0), 16, 0)),
                named(
                        "a status only",
                        "without a header",
                        (f, q) -> chain(q, q.statusAt(0), 1, WRITE)),
                named(
                        "a status that cannot be written",
                        "without a status",
                        (f, q) -> chain(q, q.header(0), 16, 0, DATA, 512, 0, q.statusAt(0), 1, 0)),
                named(
                        "a short header",
                        "without a header",
                        (f, q) -> chain(q, q.header(0), 15, 0, q.statusAt(0), 1, WRITE)),
                named(
                        "a header to be written",
                        "without a header",
                        (f, q) -> chain(q, q.header(0), 16, WRITE, q.statusAt(0), 1, WRITE)),
                named(
                        "what is written before what is read",
                        "follows one to be written",
                        (f, q) ->
                                chain(
                                        q,
                                        q.header(0),
                                        16,
                                        0,
                                        DATA,
                                        512,
                                        WRITE,
                                        DATA,
                                        512,
                                        0,
                                        q.statusAt(0),
                                        1,
                                        WRITE)),
                named(
                        "an empty status",
                        "without a status",
                        (f, q) -> chain(q, q.header(0), 16, 0, q.statusAt(0), 0, WRITE)));
    }

    private static void ahead(Queue queue, int count) {
        queue.prepareHeader(0, Vhost.IN, 0);
        queue.ring.availIndex(queue.ring.usedIndex() + count);
        queue.kick.signal();
    }

    private static void next(Queue queue, int next) {
        queue.prepareHeader(0, Vhost.IN, 0);
        queue.ring.descriptor(0, queue.header(0), 16, NEXT, next);
        queue.offer(0);
    }

    private static void loop(FrontEnd frontEnd, Queue queue) {
        queue.prepareHeader(0, Vhost.OUT, 0);
        for (int i = 0; i < 5; i++) {
            queue.ring.descriptor(i, i == 0 ? queue.header(0) : DATA, 16, NEXT, (i + 1) % 5);
        }
        queue.offer(0);
    }

    @ParameterizedTest
    @MethodSource("rings")
    void wrongRing(Abuse abuse) throws Exception {
        isLost(setup -> {}, abuse);
    }

    // Addresses

    private static void data(Queue queue, long address, long length) {
        chain(queue, queue.header(0), 16, 0, address, length, WRITE, queue.statusAt(0), 1, WRITE);
    }

    static Stream<Named<Abuse>> addresses() {
        return Stream.of(
                named("outside", "not in one region", (f, q) -> data(q, OUTSIDE, 512)),
                named("address 0", "not in one region", (f, q) -> data(q, 0, 512)),
                named("before a region", "not in one region", (f, q) -> data(q, DATA - 512, 512)),
                named("into a region", "not in one region", (f, q) -> data(q, DATA - 256, 512)),
                named(
                        "behind a region",
                        "not in one region",
                        (f, q) -> data(q, DATA + (64 << 20), 512)),
                named(
                        "across an end",
                        "not in one region",
                        (f, q) -> data(q, DATA + (64 << 20) - 256, 512)),
                named("4 GiB", "not in one region", (f, q) -> data(q, DATA, 0xffffffffL)),
                named("2 GiB", "not in one region", (f, q) -> data(q, DATA, 0x80000000L)),
                named("wraps", "not in one region", (f, q) -> data(q, -256, 512)),
                named("negative", "not in one region", (f, q) -> data(q, Long.MIN_VALUE, 512)),
                named(
                        "user addresses",
                        "not in one region",
                        (f, q) -> data(q, f.memory.user(DATA), 512)),
                named(
                        "a header outside",
                        "not in one region",
                        (f, q) -> chain(q, OUTSIDE, 16, 0, q.statusAt(0), 1, WRITE)),
                named(
                        "a header across an end",
                        "not in one region",
                        (f, q) -> chain(q, DATA + (64 << 20) - 8, 16, 0, q.statusAt(0), 1, WRITE)),
                named(
                        "a status outside",
                        "not in one region",
                        (f, q) -> chain(q, q.header(0), 16, 0, OUTSIDE, 1, WRITE)));
    }

    @ParameterizedTest
    @MethodSource("addresses")
    void wrongAddress(Abuse abuse) throws Exception {
        isLost(setup -> {}, abuse);
    }

    /** As long as a descriptor and a region can be; what comes of it is the back-end's choice. */
    @ParameterizedTest
    @ValueSource(longs = {1L << 30, (1L << 30) - 512, (1L << 31) - 512, 0xfffffe00L})
    void hugeSegments(long length) throws Exception {
        node.pretend(1L << 40);
        for (long before : new long[] {0, 512, 1 << 20, 1L << 30}) {
            try (FrontEnd frontEnd = site.frontEnd(setup -> setup.data = 6L << 30)) {
                Queue queue = frontEnd.queue();
                long address = DATA + (1L << 30) - before;
                queue.prepareHeader(0, Vhost.DISCARD, 0);
                queue.ring.descriptor(0, queue.header(0), 16, NEXT, 1);
                queue.ring.descriptor(1, address, length, NEXT, 2);
                queue.ring.descriptor(2, queue.statusAt(0), 1, WRITE, 0);
                queue.offer(0);
                Await.until(
                        "an end or an answer",
                        () -> frontEnd.messages.hasInput(1) || queue.ring.usedIndex() == 1);
                queue.prepareHeader(0, Vhost.OUT, 1L << 40);
                queue.offer(0);
                frontEnd.messages.hasInput(20);
            }
        }
        try (FrontEnd next = site.frontEnd()) {
            works(next);
        }
    }

    // Indirect tables

    private static void table(Queue queue, long address, long length, int flags) {
        queue.prepareHeader(0, Vhost.IN, 0);
        queue.ring.descriptor(0, address, length, INDIRECT | flags, 1);
        queue.offer(0);
    }

    /** A right table, but for the flags and next of its first entry. */
    private static void entries(FrontEnd frontEnd, Queue queue, int flags, int next) {
        ByteBuffer table = frontEnd.memory.at(queue.table(0), 48);
        SplitRing.write(table, 0, queue.header(0), 16, flags, next);
        SplitRing.write(table, 16, DATA, 512, WRITE | NEXT, 2);
        SplitRing.write(table, 32, queue.statusAt(0), 1, WRITE, 0);
        table(queue, queue.table(0), 48, 0);
    }

    static Stream<Named<Abuse>> tables() {
        return Stream.of(
                named(
                        "an odd length",
                        "an indirect table of",
                        (f, q) -> table(q, q.table(0), 47, 0)),
                named("15 bytes", "an indirect table of", (f, q) -> table(q, q.table(0), 15, 0)),
                named("no length", "an indirect table of", (f, q) -> table(q, q.table(0), 0, 0)),
                named(
                        "4 GiB",
                        "an indirect table of",
                        (f, q) -> table(q, q.table(0), 0xfffffff0L, 0)),
                named("outside", "not in one region", (f, q) -> table(q, OUTSIDE, 48, 0)),
                named(
                        "across an end",
                        "not in one region",
                        (f, q) -> table(q, DATA + (64 << 20) - 32, 48, 0)),
                named("wraps", "not in one region", (f, q) -> table(q, -16, 48, 0)),
                named(
                        "and a next",
                        "with a next descriptor",
                        (f, q) -> table(q, q.table(0), 48, NEXT)),
                named(
                        "a table in a table",
                        "in another",
                        (f, q) -> entries(f, q, INDIRECT | NEXT, 1)),
                named("next 3 of 3", "of a table of", (f, q) -> entries(f, q, NEXT, 3)),
                named("next 65535", "of a table of", (f, q) -> entries(f, q, NEXT, 65535)),
                named("a loop", "without an end", (f, q) -> entries(f, q, NEXT, 0)));
    }

    @ParameterizedTest
    @MethodSource("tables")
    void wrongTable(Abuse abuse) throws Exception {
        isLost(setup -> {}, abuse);
    }

    @org.junit.jupiter.api.Test
    void aTableThatWasNotAgreedOn() throws Exception {
        isLost(setup -> setup.without = bit(Vhost.F_INDIRECT), (f, q) -> entries(f, q, NEXT, 1));
    }

    // Memory that goes

    /** After memory went, requests fail or the connection is lost; the daemon is not. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void memoryThatBecomesShorter(int region) throws Exception {
        site.forgiving = true;
        try (FrontEnd frontEnd = site.frontEnd(setup -> setup.queues = 2)) {
            works(frontEnd);
            Queue queue = frontEnd.queue();
            Queue.Ticket ticket = queue.prepare(Vhost.IN, 0, new Queue.Segment(DATA + MIB, 65_536));
            Queue.Ticket other = queue.prepare(Vhost.OUT, 0, new Queue.Segment(DATA + MIB, 65_536));
            if (region == 1) {
                frontEnd.memory.regions().get(1).truncate(0x2000);
                queue.publish();
                Await.until(
                        "an end or failures",
                        () -> frontEnd.messages.hasInput(1) || bothUsed(queue));
                if (bothUsed(queue)) {
                    queue.collect();
                    assertTrue(ticket.status() != Vhost.OK && other.status() != Vhost.OK);
                }
            } else {
                queue.publish();
                frontEnd.memory.regions().get(0).truncate(0);
                for (int i = 0; i < 20; i++) {
                    queue.kick.signal();
                    frontEnd.messages.hasInput(10);
                }
            }
        }
        try (FrontEnd next = site.frontEnd()) {
            works(next);
        }
    }

    private static boolean bothUsed(Queue queue) {
        return queue.ring.usedIndex() == 4;
    }

    @org.junit.jupiter.api.Test
    void inflightMemoryThatBecomesShorter() throws Exception {
        site.forgiving = true;
        try (FrontEnd frontEnd = site.frontEnd()) {
            works(frontEnd);
            // A back-end that sealed it cannot be harmed in this way at all.
            io.diskport.natives.Libc.ftruncate(frontEnd.inflight(), 0);
            Queue queue = frontEnd.queue();
            queue.submit(Vhost.IN, 0, new Queue.Segment(DATA, 4096));
            Await.until(
                    "an end or an answer",
                    () -> frontEnd.messages.hasInput(1) || queue.ring.usedIndex() == 3);
        }
        try (FrontEnd next = site.frontEnd()) {
            works(next);
        }
    }

    // A guest that writes while we look

    /** What is checked has to be what is used, however fast it changes. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aGuestThatChangesItsMind(int seed) throws Exception {
        site.forgiving = true;
        Random random = new Random(seed);
        for (int i = 0; i < 15; i++) {
            AtomicBoolean enough = new AtomicBoolean();
            try (FrontEnd frontEnd = site.frontEnd()) {
                Queue queue = frontEnd.queue();
                ByteBuffer table = frontEnd.memory.at(queue.table(0), 48);
                ByteBuffer range = frontEnd.memory.at(DATA, 16);
                SplitRing.write(table, 0, queue.header(0), 16, NEXT, 1);
                SplitRing.write(table, 32, queue.statusAt(0), 1, WRITE, 0);
                queue.prepareHeader(0, i % 3 == 0 ? Vhost.WRITE_ZEROES : Vhost.IN, 0);
                Thread guest = new Thread(() -> change(queue, table, range, enough), "guest");
                guest.start();
                try {
                    for (int j = 0; j < 200 && !frontEnd.messages.hasInput(0); j++) {
                        queue.offer(0);
                        Thread.onSpinWait();
                        if (random.nextInt(4) == 0) {
                            Thread.yield();
                        }
                    }
                } finally {
                    enough.set(true);
                    guest.join();
                }
            }
        }
        try (FrontEnd next = site.frontEnd()) {
            works(next);
        }
    }

    private static void change(
            Queue queue, ByteBuffer table, ByteBuffer range, AtomicBoolean enough) {
        Random random = new Random();
        while (!enough.get()) {
            boolean right = random.nextInt(4) > 0;
            SplitRing.write(
                    table,
                    16,
                    right ? DATA : OUTSIDE,
                    right ? 512 : 0xffffff00L,
                    WRITE | NEXT | (right ? 0 : INDIRECT),
                    right ? 2 : 40_000);
            queue.ring.descriptor(
                    0, queue.table(0), right ? 48 : 0x7ffffff0L, INDIRECT, right ? 0 : 3);
            range.putLong(0, right ? 0 : Long.MAX_VALUE - 3);
            range.putInt(8, right ? 8 : -1);
        }
    }

    // Nonsense

    /** Whatever is in the rings, the next front-end is served. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void nonsense(int seed) throws Exception {
        Random random = new Random(seed);
        for (int i = 0; i < 40; i++) {
            try (FrontEnd frontEnd = site.frontEnd()) {
                Queue queue = frontEnd.queue();
                for (int j = 0; j < queue.size; j++) {
                    queue.prepareHeader(
                            j, random.nextInt(4) == 0 ? random.nextInt(15) : 0, random.nextInt(64));
                    long address =
                            random.nextInt(3) == 0 ? queue.header(j) : DATA + random.nextInt(MIB);
                    queue.ring.descriptor(
                            j,
                            random.nextInt(50) == 0 ? random.nextLong() : address,
                            random.nextInt(50) == 0 ? random.nextInt() : random.nextInt(5) * 8,
                            random.nextInt(random.nextInt(10) == 0 ? 0x10000 : 4),
                            random.nextInt(random.nextInt(50) == 0 ? 0x10000 : queue.size));
                }
                for (int j = 0; j < 20; j++) {
                    queue.offer(random.nextInt(queue.size));
                }
                frontEnd.messages.hasInput(2);
            }
        }
        try (FrontEnd next = site.frontEnd()) {
            works(next);
        }
    }
}
