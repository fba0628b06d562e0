package io.diskport.nbd.server;

import static io.diskport.nbd.testing.Wire.FLUSH;
import static io.diskport.nbd.testing.Wire.FUA;
import static io.diskport.nbd.testing.Wire.MIB;
import static io.diskport.nbd.testing.Wire.OPT_GO;
import static io.diskport.nbd.testing.Wire.READ;
import static io.diskport.nbd.testing.Wire.WRITE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.nbd.testing.Await;
import io.diskport.nbd.testing.NbdClient;
import io.diskport.nbd.testing.Wire;
import io.diskport.nbd.testing.Wire.Style;
import io.diskport.testkit.fake.MemoryBackend;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that are too many, too slow or too greedy, and what they take from others. */
@Timeout(60)
class LimitsTest {
    private final List<NbdClient> clients = new ArrayList<>();
    private Site site;
    private Site.Offered disk;

    private void begin(Site.Change change) throws Exception {
        site = new Site(change);
        disk = site.offer("disk", MemoryBackend.of(4 * MIB));
    }

    @AfterEach
    void close() throws Exception {
        for (NbdClient client : clients) {
            client.close();
        }
        site.close();
    }

    private NbdClient connect() throws IOException {
        NbdClient client = site.connect();
        clients.add(client);
        return client;
    }

    private NbdClient client(Style style) throws IOException {
        NbdClient client = site.client(style, "disk");
        clients.add(client);
        return client;
    }

    private void works(NbdClient client) throws IOException {
        byte[] data = Wire.pattern(3000, System.nanoTime());
        client.write(1, data);
        assertArrayEquals(data, client.read(1, 3000));
    }

    // How many

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void whoIsTooManyGetsInWhenOneLeaves(int most) throws Exception {
        begin(settings -> settings.maxConnections = most);
        for (int i = 0; i < most; i++) {
            client(Style.SIMPLE);
        }
        NbdClient waits = connect();
        for (NbdClient client : clients.subList(0, most)) {
            works(client);
        }
        assertFalse(waits.hasInput(), "a greeting");
        clients.get(0).disconnect();
        waits.greet(3);
        waits.go("disk");
        works(waits);
        assertEquals(most + " of " + most, site.info().get("clients"));
    }

    @Test
    void whoAsksForTheLastSeatTooLateIsTold() throws Exception {
        begin(settings -> settings.maxConnections = 1);
        NbdClient late = connect();
        late.greet(3);
        client(Style.SIMPLE);
        assertEquals(Wire.ERR_POLICY, late.ask(OPT_GO, Wire.info(Wire.utf8("disk"))));
        clients.get(1).disconnect();
        clients.get(1).awaitEnd();
        Await.until("a seat", () -> site.info().get("clients").equals("0 of 1"));
        late.go("disk");
        works(late);
    }

    @Test
    void severalConnectionsAreNotOfferedWhereThereMayBeOne() throws Exception {
        begin(settings -> settings.maxConnections = 1);
        assertEquals(0, client(Style.SIMPLE).features() & 1 << 8);
    }

    @Test
    void aHundredAndMoreMayComeWhereThereIsNoLimit() throws Exception {
        begin(settings -> settings.maxConnections = 0);
        for (int i = 0; i < 150; i++) {
            client(Style.SIMPLE);
        }
        works(clients.get(0));
        works(clients.get(149));
    }

    @Test
    void manyIdleHandshakesKeepNobodyOut() throws Exception {
        begin(settings -> {});
        NbdClient before = client(Style.STRUCTURED);
        for (int i = 0; i < 500; i++) {
            connect();
            if (i % 50 == 0) {
                works(before);
            }
        }
        works(before);
        works(client(Style.SIMPLE));
        Await.until("few stay", () -> Integer.parseInt(site.info().get("in handshake")) <= 64);
        Await.until("few threads", () -> site.threads().size() <= 70);
    }

    // How long

    @Test
    void whoChoosesNothingIsDropped() throws Exception {
        begin(settings -> settings.handshakeTimeout = Duration.ofMillis(300));
        NbdClient silent = connect();
        NbdClient talks = connect();
        talks.greet(3);
        assertTrue(silent.awaitEnd() > 0, "the greeting");
        talks.awaitEnd();
        NbdClient quick = client(Style.SIMPLE);
        Await.until("no handshake", () -> site.info().get("in handshake").equals("0"));
        works(quick);
    }

    @Test
    void whoSendsItsHandshakeInDropsIsDroppedAllTheSame() throws Exception {
        begin(settings -> settings.handshakeTimeout = Duration.ofMillis(400));
        NbdClient slow = connect();
        slow.greet(3);
        byte[] option = Wire.option(99, new byte[16000]);
        long sent = 0;
        try {
            for (byte one : option) {
                slow.send(new byte[] {one});
                sent++;
                LockSupport.parkNanos(1_000_000);
            }
        } catch (IOException e) {
            assertTrue(sent > 0, "it was dropped in the middle");
            return;
        }
        throw new AssertionError("it was let go on");
    }

    @Test
    void whoAsksForNothingIsDroppedAfterAWhile() throws Exception {
        begin(settings -> settings.idleTimeout = Duration.ofMillis(500));
        NbdClient idle = client(Style.SIMPLE);
        NbdClient busy = client(Style.SIMPLE);
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < 1_500_000_000L) {
            works(busy);
        }
        assertEquals(0, idle.awaitEnd());
        works(busy);
    }

    @Test
    void whoWaitsForAnAnswerIsNotIdle() throws Exception {
        begin(settings -> settings.idleTimeout = Duration.ofSeconds(1));
        NbdClient waits = client(Style.SIMPLE);
        disk.backend.hangFlushes();
        long flush = waits.submit(FLUSH, 0, 0, 0);
        Await.until("it hangs", () -> disk.backend.hanging.get() == 1);
        NbdClient idle = client(Style.SIMPLE);
        // Long enough for one that is idle.
        assertEquals(0, idle.awaitEnd());
        disk.backend.goOn();
        assertEquals(0, waits.await(flush).error);
        long begun = System.nanoTime();
        Await.until("a moment has gone", () -> System.nanoTime() - begun > 400_000_000L);
        works(waits);
    }

    // How much

    @ParameterizedTest
    @EnumSource(Style.class)
    void whoDoesNotReadHoldsUpNobodyElse(Style style) throws Exception {
        begin(settings -> {});
        disk.backend.fill(0, Wire.pattern(4 * MIB, 1));
        site.offer("other", MemoryBackend.of(4096));
        for (int i = 0; i < 3; i++) {
            NbdClient deaf = client(style).deaf();
            deaf.submitMany(400, READ, 0, 3 * MIB);
        }
        NbdClient same = client(style);
        NbdClient other = site.client(style, "other");
        clients.add(other);
        for (int i = 0; i < 50; i++) {
            works(same);
            assertArrayEquals(new byte[9], other.read(i, 9));
            assertEquals(0, other.call(FLUSH, 0, 0, 0).error);
        }
        long buffered = site.buffered();
        assertTrue(buffered <= 256L << 20, "buffered: " + buffered);
    }

    @Test
    void manyRequestsThatWaitTakeNoMoreThanTheirMemory() throws Exception {
        begin(settings -> {});
        disk.backend.hang();
        NbdClient greedy = client(Style.SIMPLE);
        greedy.submitMany(2000, READ, 0, MIB);
        Await.until("they hang", () -> disk.backend.hanging.get() > 0);
        Await.until("memory is taken", () -> site.buffered() >= 60 * MIB);
        long begun = System.nanoTime();
        Await.until("a moment has gone", () -> System.nanoTime() - begun > 300_000_000L);
        assertTrue(site.buffered() <= 64 * MIB, "buffered: " + site.buffered());
        disk.backend.goOn();
        greedy.close();
        Await.until("it is given back", () -> site.buffered() == 0);
    }

    @Test
    void whoKeepsMemoryWithoutMovingLosesItToOthers() throws Exception {
        begin(settings -> {});
        Site.Offered quick = site.offer("quick", MemoryBackend.inline(MIB));
        NbdClient deaf = site.client(Style.SIMPLE, "quick").deaf();
        clients.add(deaf);
        deaf.submitMany(
                8, READ, 0, MIB / 8); // more than a socket takes, less than anybody may have
        Site.Offered large = site.offer("large", MemoryBackend.of(MIB).pretend(64L * MIB));
        for (int i = 0; i < 8; i++) {
            NbdClient stalls = site.client(Style.SIMPLE, "large");
            clients.add(stalls);
            stalls.submit(WRITE, FUA, 0, 32 * MIB, new byte[100]);
        }
        Await.until("all memory is taken", () -> site.buffered() >= 256L * MIB);
        NbdClient small = client(Style.SIMPLE);
        works(small);
        NbdClient honest = site.client(Style.SIMPLE, "large");
        clients.add(honest);
        byte[] data = Wire.pattern(2 * MIB, 1);
        assertEquals(0, honest.call(WRITE, FUA, 0, data.length, data).error);
        Await.until(
                () -> "the log says why: " + site.log,
                () -> site.log.toString().contains("memory is short"));
        assertTrue(site.buffered() <= 256L * MIB, "buffered: " + site.buffered());
        works(small);
        Await.until("one is dropped", () -> large.context.clients.size() == 7 + 1);
        assertEquals(1, quick.context.clients.size(), "who keeps no memory stays");
    }

    @Test
    void whatAConnectionThatBreaksDownHeldIsGivenBack() throws Exception {
        begin(settings -> {});
        site.forgiving = true;
        disk.backend.hang();
        NbdClient client = client(Style.STRUCTURED);
        client.submitMany(100, READ, 0, 100_000);
        Await.until("they hang", () -> disk.backend.hanging.get() == 16);
        disk.backend.lengthBug = new IllegalStateException("a bug");
        client.submit(READ, 0, 0, 100);
        Await.until("it is dropped", () -> isDropped(client));
        disk.backend.goOn();
        disk.backend.lengthBug = null;
        Await.until("it is given back", () -> site.buffered() == 0);
        works(client(Style.SIMPLE));
    }

    /** What it had sent and nobody has read makes the end a reset. */
    private static boolean isDropped(NbdClient client) {
        try {
            return client.hasInput();
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void whoIsKilledInTheMiddleOfAWriteIsForgotten() throws Exception {
        begin(settings -> {});
        for (boolean inline : new boolean[] {true, false}) {
            disk.backend.inline = inline;
            for (int flags : new int[] {0, FUA}) {
                NbdClient killed = client(Style.SIMPLE);
                killed.submit(WRITE, flags, 0, 2 * MIB, Wire.pattern(MIB + 5, 1));
                Await.until("it is there", () -> disk.context.clients.size() == 1);
                killed.close();
                Await.until("it is forgotten", () -> disk.context.clients.isEmpty());
                assertEquals(0, site.buffered(), "inline " + inline + ", flags " + flags);
            }
        }
        works(client(Style.SIMPLE));
    }

    @Test
    void manyRequestsThatHangCostNoProcessor() throws Exception {
        begin(settings -> {});
        disk.backend.hangFlushes();
        NbdClient client = client(Style.SIMPLE);
        List<Long> flushes = client.submitMany(3000, FLUSH, 0, 0);
        Await.until("they hang", () -> disk.backend.hanging.get() == 16);
        long thread = connectionThread();
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        awaitQuiet(threads, thread);
        long before = threads.getThreadCpuTime(thread);
        long begun = System.nanoTime();
        Await.until("a moment has gone", () -> System.nanoTime() - begun > 400_000_000L);
        long used = threads.getThreadCpuTime(thread) - before;
        assertTrue(used < 80_000_000L, used / 1000 + " us of 400000");
        disk.backend.goOn();
        for (long flush : flushes) {
            assertEquals(0, client.await(flush).error);
        }
    }

    private long connectionThread() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(info -> info != null && info.getThreadName().startsWith("nbd-" + site.id))
                .filter(info -> info.getThreadName().contains("local:"))
                .mapToLong(ThreadInfo::getThreadId)
                .findFirst()
                .orElseThrow();
    }

    /** Waits until all that it can take has been taken, or gives up. */
    private static void awaitQuiet(ThreadMXBean threads, long thread) {
        long[] last = {-1};
        long begun = System.nanoTime();
        Await.until(
                "the thread rests",
                () -> {
                    long now = threads.getThreadCpuTime(thread);
                    boolean rests = now == last[0];
                    last[0] = now;
                    return rests || System.nanoTime() - begun > 2_000_000_000L;
                });
    }
}
