package io.diskport.nbd.server;

import static io.diskport.nbd.testing.Wire.FLUSH;
import static io.diskport.nbd.testing.Wire.FUA;
import static io.diskport.nbd.testing.Wire.MIB;
import static io.diskport.nbd.testing.Wire.OPT_EXPORT_NAME;
import static io.diskport.nbd.testing.Wire.OPT_GO;
import static io.diskport.nbd.testing.Wire.OPT_LIST;
import static io.diskport.nbd.testing.Wire.READ;
import static io.diskport.nbd.testing.Wire.WRITE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.Errno;
import io.diskport.api.Handover;
import io.diskport.nbd.testing.Answer;
import io.diskport.nbd.testing.Await;
import io.diskport.nbd.testing.NbdClient;
import io.diskport.nbd.testing.Resources;
import io.diskport.nbd.testing.Wire;
import io.diskport.nbd.testing.Wire.Style;
import io.diskport.testkit.fake.MemoryBackend;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients notice when the driver's version is replaced: nothing. */
@Timeout(60)
@ParameterizedClass
@CsvSource({
    "SIMPLE, true",
    "SIMPLE, false",
    "STRUCTURED, true",
    "STRUCTURED, false",
    "EXTENDED, true",
    "EXTENDED, false"
})
class HandoverTest {
    private static final int SIZE = 24 * MIB;

    @Parameter(0)
    Style style;

    @Parameter(1)
    boolean inline;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Site site;
    private Site.Offered disk;
    private MemoryBackend node;
    private NbdClient client;

    @BeforeEach
    void connect() throws Exception {
        site = new Site();
        node = MemoryBackend.of(SIZE);
        node.inline = inline;
        disk = site.offer("disk", node);
        client = site.client(style, "disk");
    }

    @AfterEach
    void close() throws Exception {
        threads.shutdownNow();
        client.close();
        site.close();
    }

    private void works() throws IOException {
        byte[] data = Wire.pattern(5000, System.nanoTime());
        client.write(3, data);
        assertArrayEquals(data, client.read(3, 5000));
    }

    private int flags(int flags) {
        return style == Style.EXTENDED ? flags | Wire.PAYLOAD_LEN : flags;
    }

    // Transmission

    @Test
    void betweenRequests() throws Exception {
        works();
        List<String> before = disk.context.clients;
        site.handOver();
        works();
        assertTrue(before.isEmpty(), "the predecessor's clients have gone");
        assertEquals(1, disk.context.clients.size());
        assertEquals("1 of 100", site.info().get("clients"));
    }

    @Test
    void beforeTheFirstRequest() throws Exception {
        site.handOver();
        site.handOver();
        works();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 16, 27})
    void inTheMiddleOfAHeader(int first) throws Exception {
        node.fill(5, Wire.pattern(100, 1));
        long cookie = client.expect(READ, 0, 5, 100);
        byte[] request = Wire.request(style, 0, READ, cookie, 5, 100);
        client.send(Arrays.copyOf(request, first));
        site.handOver();
        client.send(Arrays.copyOfRange(request, first, request.length));
        assertArrayEquals(Wire.pattern(100, 1), client.await(cookie).data);
        works();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 4096, 0",
        "0, 4096, 1",
        "0, 4096, 4095",
        "1, 4096, 100",
        "0, 20971520, 0",
        "0, 20971520, 12582929",
        "0, 20971520, 20971519",
        "1, 20971520, 12582929"
    })
    void inTheMiddleOfAWrite(int flags, int length, int first) throws Exception {
        byte[] data = Wire.pattern(length, 7);
        long cookie = client.expect(WRITE, flags(flags), 1001, length);
        client.send(
                Wire.request(style, flags(flags), WRITE, cookie, 1001, length),
                Arrays.copyOf(data, first));
        site.handOver();
        client.send(Arrays.copyOfRange(data, first, length));
        assertEquals(0, client.await(cookie).error);
        assertArrayEquals(data, node.content(1001, length));
        assertEquals(flags, node.fuas.get());
        works();
    }

    @Test
    void inTheMiddleOfAWriteAgainAndAgain() throws Exception {
        int length = 5 * MIB;
        byte[] data = Wire.pattern(length, 7);
        long cookie = client.expect(WRITE, flags(0), 1001, length);
        client.send(Wire.request(style, flags(0), WRITE, cookie, 1001, length));
        int part = 600_001;
        for (int at = 0; at < length; at += part) {
            site.handOver();
            client.send(Arrays.copyOfRange(data, at, Math.min(length, at + part)));
        }
        assertEquals(0, client.await(cookie).error);
        assertArrayEquals(data, node.content(1001, length));
        works();
    }

    @Test
    void inTheMiddleOfAWriteThatFailsThen() throws Exception {
        byte[] data = Wire.pattern(2 * MIB, 7);
        long cookie = client.expect(WRITE, flags(0), 1001, data.length);
        client.send(
                Wire.request(style, flags(0), WRITE, cookie, 1001, data.length),
                Arrays.copyOf(data, MIB));
        site.handOver();
        node.failure = Errno.ENOSPC;
        client.send(Arrays.copyOfRange(data, MIB, data.length));
        assertEquals(Wire.ENOSPC, client.await(cookie).error);
        node.failure = null;
        works();
    }

    @Test
    void inTheMiddleOfARefusedWriteAgainAndAgain() throws Exception {
        int length = 5 * MIB;
        long cookie = client.expect(WRITE, flags(0), -4096, length);
        client.send(Wire.request(style, flags(0), WRITE, cookie, -4096, length));
        byte[] data = Wire.pattern(length, 7);
        int part = 1_600_001;
        for (int at = 0; at < length; at += part) {
            client.send(Arrays.copyOfRange(data, at, Math.min(length, at + part)));
            site.handOver();
        }
        assertEquals(Wire.EINVAL, client.await(cookie).error);
        works();
    }

    @ParameterizedTest
    @CsvSource({"1000, 1000", "300000, 30", "8388608, 12"})
    void withAnswersThatNobodyReads(int length, int count) throws Exception {
        byte[] content = Wire.pattern(length, 1);
        node.fill(1, content);
        List<Long> reads = client.submitMany(count, READ, 1, length);
        Await.until("the first answers", () -> client.hasInput());
        site.handOver();
        site.handOver();
        List<Long> more = client.submitMany(2, READ, 1, length);
        for (long cookie : reads) {
            assertArrayEquals(content, client.await(cookie).data);
        }
        for (long cookie : more) {
            assertArrayEquals(content, client.await(cookie).data);
        }
        works();
    }

    @Test
    void withThousandsOfRefusalsThatNobodyReads() throws Exception {
        List<Long> bad = client.submitMany(12_000, READ, SIZE, 1);
        Await.until("the first answers", () -> client.hasInput());
        site.handOver();
        for (long cookie : bad) {
            assertEquals(Wire.EINVAL, client.await(cookie).error);
        }
        works();
    }

    @Test
    void withThousandsOfReadsThatNobodyReads() throws Exception {
        node.fill(1, Wire.pattern(MIB, 1));
        List<Long> reads = client.submitMany(3000, READ, 1, MIB);
        Await.until("the first answers", () -> client.hasInput());
        long begun = System.nanoTime();
        List<Optional<Handover>> left = site.suspendExports();
        Handover server = site.suspendServer();
        long took = System.nanoTime() - begun;
        long buffered = left.get(0).map(HandoverTest::bytes).orElseThrow();
        site.startServer(server);
        site.startExports(left);
        assertArrayEquals(Wire.pattern(MIB, 1), client.await(reads.get(0)).data);
        assertTrue(took < 5_000_000_000L, "it took " + took / 1_000_000 + " ms");
        assertTrue(buffered <= 100 * MIB, "left in memory: " + buffered);
    }

    private static long bytes(Object value) {
        if (value instanceof Handover left) {
            return bytes(left.state());
        }
        if (value instanceof java.util.Map<?, ?> map) {
            return map.values().stream().mapToLong(HandoverTest::bytes).sum();
        }
        if (value instanceof List<?> list) {
            return list.stream().mapToLong(HandoverTest::bytes).sum();
        }
        return value instanceof byte[] bytes ? bytes.length : 0;
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 150_000, 260_000})
    void withAPoliteEndBehindAnswersThatNobodyReads(int length) throws Exception {
        byte[] content = Wire.pattern(length, 1);
        node.fill(1, content);
        List<Long> reads = client.submitMany(6, READ, 1, length);
        client.disconnect();
        Await.until("the first answers", () -> client.hasInput());
        site.handOver();
        for (long cookie : reads) {
            assertArrayEquals(content, client.await(cookie).data);
        }
        assertEquals(0, client.awaitEnd());
    }

    @Test
    void whileRequestsAreInTheNode() throws Exception {
        node.hangFlushes();
        List<Long> flushes = client.submitMany(40, FLUSH, 0, 0);
        long read = client.submit(READ, 0, 0, 4096);
        Await.until("they hang", () -> node.hanging.get() > 0);
        Future<?> handOver =
                threads.submit(
                        () -> {
                            site.handOver();
                            return null;
                        });
        node.goOn();
        handOver.get();
        for (long cookie : flushes) {
            assertEquals(0, client.await(cookie).error);
        }
        assertEquals(0, client.await(read).error);
        assertEquals(40, node.flushes.get());
        works();
    }

    @Test
    void nothingIsDoneTwice() throws Exception {
        for (int i = 0; i < 10; i++) {
            List<Long> flushes = client.submitMany(20, FLUSH, 0, 0);
            site.handOver();
            for (long cookie : flushes) {
                assertEquals(0, client.await(cookie).error);
            }
        }
        assertEquals(200, node.flushes.get());
    }

    @Test
    void contextsAreKept() throws Exception {
        try (NbdClient other =
                style == Style.SIMPLE
                        ? site.client(Style.STRUCTURED, "disk", "base:allocation")
                        : site.client(style, "disk", "base:allocation")) {
            site.handOver();
            Answer answer = other.call(Wire.BLOCK_STATUS, 0, 0, 4096);
            assertEquals(
                    List.of(new Answer.Run(4096, 3)),
                    answer.status.get(other.context("base:allocation")));
        }
    }

    @Test
    void whoHasLeftIsNotMissed() throws Exception {
        client.close();
        site.handOver();
        Await.until("it is forgotten", () -> disk.context.clients.isEmpty());
        client = site.client(style, "disk");
        works();
    }

    // Handshake

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 4, 5, 20, 40, 60, 70})
    void inTheHandshake(int first) throws Exception {
        byte[] agree =
                switch (style) {
                    case SIMPLE -> new byte[0];
                    case STRUCTURED -> Wire.option(Wire.OPT_STRUCTURED_REPLY, new byte[0]);
                    case EXTENDED -> Wire.option(Wire.OPT_EXTENDED_HEADERS, new byte[0]);
                };
        byte[] all =
                Wire.join(
                        new byte[] {0, 0, 0, 3},
                        Wire.option(OPT_LIST, new byte[0]),
                        agree,
                        Wire.option(Wire.OPT_INFO, Wire.info(Wire.utf8("disk"))));
        try (NbdClient other = site.connect()) {
            other.takeGreeting();
            int cut = Math.min(first, all.length);
            other.send(Arrays.copyOf(all, cut));
            site.handOver();
            other.send(Arrays.copyOfRange(all, cut, all.length));
            assertEquals(2, other.replies(OPT_LIST).size());
            if (agree.length > 0) {
                other.replies(java.nio.ByteBuffer.wrap(agree).getInt(8));
            }
            other.replies(Wire.OPT_INFO);
            site.handOver();
            other.option(OPT_GO, Wire.info(Wire.utf8("disk")));
            other.took(other.replies(OPT_GO));
            assertEquals(style != Style.SIMPLE, (other.features() & 1 << 7) != 0, "DF");
        }
    }

    @Test
    void selectedContextsAreKeptInTheHandshake() throws Exception {
        Style chunks = style == Style.SIMPLE ? Style.STRUCTURED : style;
        try (NbdClient other = site.connect()) {
            other.greet(3);
            other.agree(chunks);
            other.select("disk", "base:allocation");
            site.handOver();
            other.go("disk");
            assertEquals(0, other.call(Wire.BLOCK_STATUS, 0, 0, 4096).error);
        }
    }

    @Test
    void thatZeroesAreNotWantedIsKept() throws Exception {
        try (NbdClient other = site.connect()) {
            other.greet(3);
            Await.until("flags", () -> other.ask(OPT_LIST) == Wire.REP_ACK);
            site.handOver();
            other.exportName("disk", false);
            assertArrayEquals(new byte[5], other.read(0, 5));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {OPT_GO, OPT_EXPORT_NAME, OPT_LIST})
    void whoAsksForAnExportThatIsHandedOverWaits(int option) throws Exception {
        byte[] name = Wire.utf8("disk");
        byte[] data =
                switch (option) {
                    case OPT_GO -> Wire.info(name);
                    case OPT_LIST -> new byte[0];
                    default -> name;
                };
        List<Optional<Handover>> left = site.suspendExports();
        try (NbdClient before = site.connect();
                NbdClient between = site.connect()) {
            before.greet(3);
            before.option(option, data);
            Handover server = site.suspendServer();
            site.startServer(server);
            between.greet(3);
            between.option(option, data);
            Await.until("they wait", () -> site.info().get("in handshake").equals("2"));
            assertFalse(before.hasInput() || between.hasInput(), "an answer");
            site.startExports(left);
            for (NbdClient waits : List.of(before, between)) {
                if (option == OPT_EXPORT_NAME) {
                    assertEquals(SIZE, waits.receive(10).getLong());
                } else {
                    assertTrue(waits.replies(option).size() >= 2);
                }
            }
        }
    }

    @Test
    void whoseGoIsOvertakenByAHandOverWaits() throws Exception {
        List<Optional<Handover>> left = new ArrayList<>();
        disk.context.onClient = () -> left.add(disk.export.suspend());
        try (NbdClient other = site.connect()) {
            other.greet(3);
            other.option(OPT_GO, Wire.info(Wire.utf8("disk")));
            Await.until("it is handed over", () -> left.size() == 1);
            site.startExports(left);
            other.took(other.replies(OPT_GO));
        }
        works();
    }

    // Again and again

    @Test
    void twentyTimesUnderLoad() throws Exception {
        AtomicBoolean enough = new AtomicBoolean();
        List<Future<Integer>> loads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int number = i;
            loads.add(threads.submit(() -> load(number, enough)));
        }
        loads.add(threads.submit(() -> comeAndGo(enough)));
        int begun = Resources.descriptors();
        for (int i = 0; i < 20; i++) {
            site.handOver();
            for (Future<Integer> load : loads) {
                if (load.isDone()) {
                    load.get();
                }
            }
        }
        enough.set(true);
        for (Future<Integer> load : loads) {
            assertTrue(load.get() > 0, "something was done");
        }
        works();
        Await.until("descriptors stay", () -> Resources.descriptors() <= begun + 2);
        Await.until(() -> "threads stay: " + site.threads(), () -> site.threads().size() == 2);
    }

    private int load(int number, AtomicBoolean enough) throws IOException {
        Random random = new Random(number);
        int region = 2 * MIB;
        long base = (number + 1L) * region;
        byte[] expected = new byte[region];
        int rounds = 0;
        try (NbdClient own = site.client(style, "disk")) {
            while (!enough.get()) {
                List<Long> all = new ArrayList<>();
                for (int i = 0; i < 16; i++) {
                    int length = 1 + random.nextInt(random.nextInt(10) == 0 ? 400_000 : 5000);
                    int at = i * (region / 16) + random.nextInt(1000);
                    length = Math.min(length, region / 16 - 1000);
                    byte[] data = Wire.pattern(length, random.nextInt());
                    System.arraycopy(data, 0, expected, at, length);
                    int flags = random.nextInt(8) == 0 ? FUA : 0;
                    all.add(own.submit(WRITE, flags, base + at, length, data));
                }
                all.add(own.submit(FLUSH, 0, 0, 0));
                for (long cookie : all) {
                    assertEquals(0, own.await(cookie).error);
                }
                int at = random.nextInt(region / 2);
                byte[] read = own.read(base + at, region / 2);
                assertArrayEquals(Arrays.copyOfRange(expected, at, at + region / 2), read);
                rounds++;
            }
        }
        return rounds;
    }

    private int comeAndGo(AtomicBoolean enough) throws IOException {
        int rounds = 0;
        while (!enough.get()) {
            try (NbdClient own = site.client(style, "disk")) {
                assertArrayEquals(new byte[100], own.read(SIZE - 100, 100));
                own.disconnect();
                assertEquals(0, own.awaitEnd());
            }
            rounds++;
        }
        return rounds;
    }
}
