package io.diskport.vhost.blk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.Handover;
import io.diskport.testkit.fake.MemoryBackend;
import io.diskport.vhost.blk.testing.Await;
import io.diskport.vhost.blk.testing.Bytes;
import io.diskport.vhost.blk.testing.FrontEnd;
import io.diskport.vhost.blk.testing.GuestMemory;
import io.diskport.vhost.blk.testing.Messages;
import io.diskport.vhost.blk.testing.Queue;
import io.diskport.vhost.blk.testing.Queue.Segment;
import io.diskport.vhost.blk.testing.Queue.Ticket;
import io.diskport.vhost.blk.testing.Resources;
import io.diskport.vhost.blk.testing.Vhost;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a front-end notices when the driver's version is replaced: nothing. */
@Timeout(60)
@ParameterizedClass
@ValueSource(booleans = {true, false})
class HandoverTest {
    private static final int SIZE = 16 << 20;
    private static final long DATA = FrontEnd.DATA;

    @Parameter(0)
    boolean inline;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private MemoryBackend node;
    private Site site;
    private FrontEnd frontEnd;

    @BeforeEach
    void connect() throws Exception {
        node = MemoryBackend.of(SIZE);
        node.inline = inline;
        site = new Site(node);
        frontEnd =
                site.frontEnd(
                        setup -> {
                            setup.queues = 2;
                            setup.protocol |= Vhost.bit(Vhost.P_STATUS);
                        });
    }

    @AfterEach
    void close() throws Exception {
        threads.shutdownNow();
        frontEnd.close();
        site.close();
    }

    private void works() throws Exception {
        for (Queue queue : frontEnd.queues) {
            byte[] data = Bytes.pattern(4096, System.nanoTime());
            assertEquals(Vhost.OK, frontEnd.write(queue, 4096, data));
            assertArrayEquals(data, frontEnd.read(queue, 4096, 4096));
        }
        assertEquals(4, frontEnd.messages.ask(Vhost.GET_QUEUE_NUM, new byte[0]).u64());
    }

    @Test
    void theConnectionStays() throws Exception {
        works();
        site.handOver();
        assertEquals(1, site.context.clients.size());
        works();
        assertFalse(frontEnd.messages.hasInput(20), "a message or an end");
    }

    @Test
    void itTakesLittleTime() throws Exception {
        works();
        long begun = System.nanoTime();
        site.handOver();
        works();
        long millis = (System.nanoTime() - begun) / 1_000_000;
        assertTrue(millis < 500, millis + " ms");
    }

    @Test
    void aKickMeanwhileIsNotMissed() throws Exception {
        for (int i = 0; i < 20; i++) {
            Handover left = site.suspend();
            List<Ticket> all = new ArrayList<>();
            for (Queue queue : frontEnd.queues) {
                all.add(queue.submit(Vhost.IN, i, new Segment(DATA, 4096)));
                if (i % 2 == 0) {
                    queue.kick.take(); // and even one that is lost
                }
            }
            site.start(Optional.of(left));
            for (Queue queue : frontEnd.queues) {
                assertEquals(Vhost.OK, queue.await(all.get(queue.index)));
            }
        }
    }

    @Test
    void aMessageMeanwhileIsNotMissed() throws Exception {
        Handover left = site.suspend();
        frontEnd.messages.send(Vhost.GET_FEATURES, new byte[0]);
        assertFalse(frontEnd.messages.hasInput(50));
        site.start(Optional.of(left));
        assertEquals(frontEnd.offered, frontEnd.messages.receive().u64());
    }

    @Test
    void aMessageThatHasComeInPartIsNotMissed() throws Exception {
        byte[] message =
                Bytes.of().u32(Vhost.SET_FEATURES).u32(9).u32(8).u64(frontEnd.features).array();
        for (int cut = 1; cut < message.length; cut += 3) {
            frontEnd.messages.sendRaw(Arrays.copyOf(message, cut));
            frontEnd.messages.hasInput(10);
            site.handOver();
            frontEnd.messages.sendRaw(Arrays.copyOfRange(message, cut, message.length));
            assertEquals(0, frontEnd.messages.receive().u64());
        }
        works();
    }

    @Test
    void aFrontEndMeanwhileIsServed() throws Exception {
        frontEnd.close();
        Await.until("it has left", () -> site.context.clients.isEmpty());
        Handover left = site.suspend();
        try (Messages messages = site.connect()) {
            messages.send(Vhost.GET_FEATURES, new byte[0]);
            site.start(Optional.of(left));
            assertEquals(Vhost.GET_FEATURES, messages.receive().request());
        }
        frontEnd = site.frontEnd(setup -> setup.queues = 2);
        works();
    }

    @Test
    void aFrontEndThatLeavesMeanwhileIsNotMissed() throws Exception {
        Handover left = site.suspend();
        frontEnd.close();
        site.start(Optional.of(left));
        Await.until("it has left", () -> site.context.clients.isEmpty());
        frontEnd = site.frontEnd(setup -> setup.queues = 2);
        works();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void requestsInTheNodeEndFirst(boolean async) throws Exception {
        node.inline = false;
        node.async = async;
        node.hang();
        List<Ticket> all = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            all.add(frontEnd.queue().submit(Vhost.IN, i, new Segment(DATA + 4096L * i, 4096)));
        }
        Await.until("they hang", () -> node.hanging.get() == 6);
        Future<Handover> suspended = threads.submit(() -> site.suspend());
        assertThrows(TimeoutException.class, () -> suspended.get(50, TimeUnit.MILLISECONDS));
        node.goOn();
        site.start(Optional.of(suspended.get()));
        for (Ticket ticket : all) {
            assertEquals(Vhost.OK, frontEnd.queue().await(ticket));
        }
        works();
    }

    @Test
    void whatWasAgreedOnIsKept() throws Exception {
        frontEnd.tell(Vhost.SET_CONFIG, FrontEnd.configWrite(32, (byte) 0));
        byte[] config = frontEnd.readConfig(0, 60);
        site.handOver();
        assertArrayEquals(config, frontEnd.readConfig(0, 60));
        int before = node.fuas.get() + node.flushes.get();
        assertEquals(Vhost.OK, frontEnd.write(frontEnd.queue(), 0, new byte[512]));
        assertEquals(1, node.fuas.get() + node.flushes.get() - before, "no cache");
        assertEquals(0xf, frontEnd.messages.ask(Vhost.GET_STATUS, new byte[0]).u64());
    }

    @Test
    void aNewLengthIsToldAfterwards() throws Exception {
        site.handOver();
        node.pretend(SIZE * 2L);
        site.export.resized(SIZE * 2L);
        assertEquals(Vhost.BACKEND_CONFIG_CHANGE, frontEnd.backend.receive().request());
        assertEquals(SIZE / 256, Bytes.getU64(frontEnd.readConfig(0, 60), 0));
    }

    @Test
    void aNewLengthMeanwhileIsTold() throws Exception {
        Handover left = site.suspend();
        node.pretend(SIZE * 2L);
        site.start(Optional.of(left));
        assertEquals(Vhost.BACKEND_CONFIG_CHANGE, frontEnd.backend.receive().request());
        assertEquals(SIZE / 256, Bytes.getU64(frontEnd.readConfig(0, 60), 0));
    }

    @Test
    void memoryChangesAfterwards() throws Exception {
        GuestMemory.Region more = frontEnd.memory.add(0x2_0000_0000L, 1 << 20, 0x3000);
        frontEnd.tell(Vhost.ADD_MEM_REG, more.single(), more.fd);
        site.handOver();
        Segment there = new Segment(0x2_0000_0000L + 4096, 4096);
        assertEquals(Vhost.OK, frontEnd.queue().run(Vhost.IN, 0, there));
        frontEnd.tell(Vhost.REM_MEM_REG, more.single());
        site.handOver();
        frontEnd.tell(Vhost.ADD_MEM_REG, more.single(), more.fd);
        assertEquals(Vhost.OK, frontEnd.queue().run(Vhost.IN, 0, there));
        works();
    }

    @Test
    void aQueueThatIsDisabledStaysSo() throws Exception {
        frontEnd.enable(frontEnd.queue(), false);
        site.handOver();
        Ticket ticket = frontEnd.queue().submit(Vhost.IN, 0, new Segment(DATA, 512));
        for (int i = 0; i < 1000; i++) {
            frontEnd.messages.ask(Vhost.GET_FEATURES, new byte[0]); // time enough for the request
        }
        assertEquals(0, frontEnd.queue().collect());
        frontEnd.enable(frontEnd.queue(), true);
        assertEquals(Vhost.OK, frontEnd.queue().await(ticket));
    }

    @Test
    void aQueueThatStopsAfterwardsTellsWhere() throws Exception {
        works();
        site.handOver();
        works();
        assertArrayEquals(new int[] {4, 4}, frontEnd.stop());
    }

    @Test
    void inflightRequestsAreTrackedAfterwards() throws Exception {
        site.handOver();
        works();
        frontEnd.reconnect();
        works();
    }

    @Test
    void inTheMiddleOfNegotiations() throws Exception {
        frontEnd.close();
        frontEnd = FrontEnd.of(site.socket(), setup -> setup.queues = 2);
        frontEnd.connect();
        site.handOver();
        frontEnd.negotiate();
        site.handOver();
        frontEnd.run();
        works();
    }

    // What is left

    private static List<Object> parts(Object value) {
        if (value instanceof Map<?, ?> map) {
            List<Object> all = new ArrayList<>();
            map.forEach(
                    (key, one) -> {
                        all.add(key);
                        all.addAll(parts(one));
                    });
            return all;
        }
        if (value instanceof List<?> list) {
            return list.stream().flatMap(one -> parts(one).stream()).toList();
        }
        return List.of(value);
    }

    @Test
    void nothingOfTheDriversOwnIsLeft() throws Exception {
        Handover left = site.suspend();
        for (Object part : parts(left.state())) {
            String type = part.getClass().getName();
            assertTrue(
                    type.startsWith("java.")
                            || type.startsWith("[B")
                            || type.startsWith("[J")
                            || type.startsWith("sun.nio.ch.")
                            || type.equals("io.diskport.natives.NativeDescriptor")
                            || part instanceof AutoCloseable,
                    type);
        }
        assertEquals(List.of(), site.threads());
        site.start(Optional.of(left));
        works();
    }

    @Test
    void whatNobodyTakesIsFreed() throws Exception {
        works();
        Handover left = site.suspend();
        for (Object part : parts(left.state())) {
            if (part instanceof AutoCloseable open) {
                open.close();
            }
        }
        frontEnd.messages.awaitEnd();
        assertFalse(java.nio.file.Files.exists(site.socket()), "the socket stays");
        site.start(Optional.empty());
        frontEnd.reconnect();
        works();
    }

    @Test
    void whatIsNotKnownIsFreed() throws Exception {
        works();
        int descriptors = Resources.descriptors();
        Handover left = site.suspend();
        Handover later = new Handover(left.format(), left.major() + 1, new HashMap<>(left.state()));
        site.start(Optional.of(later));
        frontEnd.messages.awaitEnd();
        frontEnd.reconnect();
        works();
        assertFalse(site.log.of(System.Logger.Level.WARNING).isEmpty(), "it says so");
        Await.until("descriptors stay", () -> Resources.descriptors() <= descriptors);
    }

    // Again and again

    @Test
    void twentyTimesUnderLoad() throws Exception {
        works();
        site.handOver();
        int descriptors = Resources.descriptors();
        long mappings = Resources.mappings();
        int threadsBefore = site.threads().size();
        AtomicBoolean enough = new AtomicBoolean();
        AtomicInteger rounds = new AtomicInteger();
        List<Future<Integer>> loads = new ArrayList<>();
        for (Queue queue : frontEnd.queues) {
            loads.add(threads.submit(() -> load(queue, enough, rounds)));
        }
        for (int i = 0; i < 20; i++) {
            site.handOver();
            for (Future<Integer> load : loads) {
                if (load.isDone()) {
                    load.get();
                }
            }
            int before = rounds.get();
            Await.until(
                    "some load in between",
                    () -> rounds.get() > before || loads.stream().anyMatch(Future::isDone));
        }
        enough.set(true);
        for (Future<Integer> load : loads) {
            assertTrue(load.get() > 0, "something was done");
        }
        works();
        Await.until("descriptors stay", () -> Resources.descriptors() <= descriptors);
        Await.until("mappings stay", () -> Resources.mappings() <= mappings);
        Await.until(
                () -> "threads stay: " + site.threads(),
                () -> site.threads().size() <= threadsBefore);
    }

    /** Writes and verifies on a half of the disk of its own. */
    private int load(Queue queue, AtomicBoolean enough, AtomicInteger rounds) {
        Random random = new Random(queue.index);
        int base = SIZE / 2 * queue.index;
        byte[] expected = new byte[SIZE / 2];
        int own = 0;
        while (!enough.get()) {
            List<Ticket> all = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                int length = 512 * (1 + random.nextInt(random.nextInt(10) == 0 ? 400 : 16));
                int at = i * (SIZE / 64) + 512 * random.nextInt(16);
                byte[] bytes = Bytes.pattern(length, random.nextLong());
                System.arraycopy(bytes, 0, expected, at, length);
                long place = DATA + base + (long) i * (SIZE / 64);
                frontEnd.memory.put(place, bytes);
                all.add(queue.submit(Vhost.OUT, (base + at) / 512, new Segment(place, length)));
            }
            all.add(queue.submit(Vhost.FLUSH, 0));
            for (Ticket ticket : all) {
                assertEquals(Vhost.OK, queue.await(ticket));
            }
            int length = 1 << 20;
            int at = 512 * random.nextInt((SIZE / 2 - length) / 512);
            Segment place = new Segment(DATA + base, length);
            assertEquals(Vhost.OK, queue.run(Vhost.IN, (base + at) / 512, place));
            assertArrayEquals(
                    Arrays.copyOfRange(expected, at, at + length),
                    frontEnd.memory.get(DATA + base, length));
            own++;
            rounds.incrementAndGet();
        }
        return own;
    }
}
