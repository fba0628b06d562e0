package io.diskport.vhost.blk;

import static io.diskport.vhost.blk.testing.Vhost.bit;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.export.ShutdownMode;
import io.diskport.testkit.fake.MemoryBackend;
import io.diskport.vhost.blk.testing.Await;
import io.diskport.vhost.blk.testing.Bytes;
import io.diskport.vhost.blk.testing.Event;
import io.diskport.vhost.blk.testing.FrontEnd;
import io.diskport.vhost.blk.testing.GuestMemory;
import io.diskport.vhost.blk.testing.Messages;
import io.diskport.vhost.blk.testing.Messages.Message;
import io.diskport.vhost.blk.testing.Queue;
import io.diskport.vhost.blk.testing.Resources;
import io.diskport.vhost.blk.testing.Vhost;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Front-ends that send what they must not: they lose their connection, and only they. */
@Timeout(60)
class HostileMessagesTest {
    private static final byte[] NOTHING = {};
    private static final long ELSEWHERE = 0x3_0000_0000L;
    private static final int MIB = 1 << 20;

    private final MemoryBackend node = MemoryBackend.inline(MIB);
    private Site site;

    /** What a front-end does that was served until then. */
    interface Abuse {
        void by(FrontEnd frontEnd) throws IOException;
    }

    /** What a front-end does, and what the log has to say of it. */
    private record Case(String reason, Abuse abuse) implements Abuse {
        @Override
        public void by(FrontEnd frontEnd) throws IOException {
            abuse.by(frontEnd);
        }
    }

    @BeforeEach
    void offer() throws Exception {
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
            try {
                abuse.by(frontEnd);
            } catch (EOFException e) {
                // it was thrown out in the middle of it
                assertTrue(site.log.toString().length() > 0);
            }
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

    // Headers and sizes

    private static Named<Abuse> named(String name, Abuse abuse) {
        return Named.of(name, abuse);
    }

    private static Named<Abuse> named(String name, String reason, Abuse abuse) {
        return Named.of(name, new Case(reason, abuse));
    }

    static Stream<Named<Abuse>> headers() {
        return Stream.of(
                named(
                        "version 0",
                        "no message of vhost-user",
                        f -> f.messages.send(Vhost.GET_FEATURES, 0, NOTHING)),
                named(
                        "version 2",
                        "no message of vhost-user",
                        f -> f.messages.send(Vhost.GET_FEATURES, 2, NOTHING)),
                named(
                        "version 3",
                        "no message of vhost-user",
                        f -> f.messages.send(Vhost.GET_FEATURES, 3, NOTHING)),
                named(
                        "a reply",
                        "no message of vhost-user",
                        f -> f.messages.send(Vhost.GET_FEATURES, 5, NOTHING)),
                named(
                        "4 GiB",
                        "no message of vhost-user",
                        f -> f.messages.send(Vhost.SET_FEATURES, 1, -1, NOTHING)),
                named(
                        "2 GiB",
                        "no message of vhost-user",
                        f -> f.messages.send(Vhost.SET_FEATURES, 1, 1L << 31, NOTHING)),
                named(
                        "1 MiB",
                        "no message of vhost-user",
                        f -> f.messages.send(Vhost.SET_MEM_TABLE, 1, MIB, new byte[4096])),
                named("an end in a header", "ended within a message", f -> cutOff(f, new byte[5])),
                named(
                        "an end in a payload",
                        "ended within a message",
                        f ->
                                cutOff(
                                        f,
                                        Bytes.of()
                                                .u32(Vhost.SET_FEATURES)
                                                .u32(1)
                                                .u32(8)
                                                .u32(0)
                                                .array())),
                named(
                        "garbage",
                        "no message of vhost-user",
                        f -> f.messages.sendRaw(Bytes.pattern(1000, 1))));
    }

    private static void cutOff(FrontEnd frontEnd, byte[] part) throws IOException {
        frontEnd.messages.sendRaw(part);
        frontEnd.messages.shutdownOutput();
    }

    @ParameterizedTest
    @MethodSource("headers")
    void wrongHeader(Abuse abuse) throws Exception {
        isLost(setup -> {}, abuse);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5, 8, 9, 10, 11, 12, 13, 14, 16, 18, 24, 25, 31, 32, 37, 38, 39})
    void payloadThatIsTooShort(int request) throws Exception {
        isLost(
                setup -> setup.protocol |= bit(Vhost.P_STATUS),
                f -> f.messages.send(request, new byte[3]));
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                1, 2, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 21, 31, 32, 34, 36, 37, 38
            })
    void payloadThatIsTooLong(int request) throws Exception {
        isLost(setup -> {}, f -> f.messages.send(request, new byte[1000]));
    }

    // Features

    static Stream<Named<Abuse>> features() {
        return Stream.of(
                named(
                        "all",
                        "were not offered",
                        f -> f.messages.send(Vhost.SET_FEATURES, Bytes.u64Of(-1))),
                named(
                        "packed rings",
                        "were not offered",
                        f ->
                                f.messages.send(
                                        Vhost.SET_FEATURES,
                                        Bytes.u64Of(f.features | bit(Vhost.F_PACKED)))),
                named(
                        "a log of what is written",
                        "were not offered",
                        f ->
                                f.messages.send(
                                        Vhost.SET_FEATURES,
                                        Bytes.u64Of(f.features | bit(Vhost.F_LOG_ALL)))),
                named(
                        "all of the protocol",
                        "were not offered",
                        f -> f.messages.send(Vhost.SET_PROTOCOL_FEATURES, Bytes.u64Of(-1))),
                named(
                        "kicks by messages",
                        "were not offered",
                        f ->
                                f.messages.send(
                                        Vhost.SET_PROTOCOL_FEATURES,
                                        Bytes.u64Of(
                                                f.protocol | bit(Vhost.P_INBAND_NOTIFICATIONS)))));
    }

    @ParameterizedTest
    @MethodSource("features")
    void featuresThatWereNotOffered(Abuse abuse) throws Exception {
        isLost(setup -> {}, abuse);
    }

    // Memory

    private static byte[] table(int count, long... numbers) {
        Bytes table = Bytes.of().u32(count).u32(0);
        Arrays.stream(numbers).forEach(table::u64);
        return table.array();
    }

    /** A table of one region on the front-end's memory. */
    private static void one(FrontEnd f, long guest, long size, long user, long offset)
            throws IOException {
        f.messages.send(Vhost.SET_MEM_TABLE, table(1, guest, size, user, offset), data(f).fd);
    }

    private static GuestMemory.Region data(FrontEnd f) {
        return f.memory.regions().get(1);
    }

    static Stream<Named<Abuse>> tables() {
        return Stream.of(
                named("no size", "cannot be", f -> one(f, 0, 0, 0, 0)),
                named(
                        "more than the file",
                        "does not fit into its file",
                        f -> one(f, 0, 1L << 40, 0, 0)),
                named(
                        "one page more",
                        "does not fit into its file",
                        f -> one(f, 0, (64 << 20) + 0x3000, 0, 0)),
                named(
                        "a large offset",
                        "does not fit into its file",
                        f -> one(f, 0, MIB, 0, 64 << 20)),
                named("a huge offset", "cannot be", f -> one(f, 0, MIB, 0, Long.MAX_VALUE - 4095)),
                named("a negative offset", "cannot be", f -> one(f, 0, MIB, 0, -4096)),
                named("a negative size", "cannot be", f -> one(f, 0, -4096, 0, 0)),
                named("guest addresses that wrap", "cannot be", f -> one(f, -4096, MIB, 0, 0)),
                named("user addresses that wrap", "cannot be", f -> one(f, 0, MIB, -4096, 0)),
                named(
                        "nothing beneath",
                        "regions of memory",
                        f -> f.messages.send(5, table(1, 0, MIB, 0, 0))),
                named(
                        "100 regions",
                        "a memory table of",
                        f -> f.messages.send(5, table(100, new long[400]))),
                named("-1 regions", "a memory table of", f -> f.messages.send(5, table(-1))),
                named("9 regions", "a memory table of", HostileMessagesTest::nineRegions),
                named(
                        "a count without regions",
                        "has a payload of",
                        f -> f.messages.send(5, table(3))),
                named(
                        "more descriptors than regions",
                        "regions of memory",
                        f ->
                                f.messages.send(
                                        5,
                                        table(1, 0, MIB, 0, 0),
                                        data(f).fd,
                                        data(f).fd,
                                        data(f).fd)),
                named(
                        "fewer descriptors than regions",
                        "regions of memory",
                        f ->
                                f.messages.send(
                                        5, table(2, 0, MIB, 0, 0, MIB, MIB, MIB, 0), data(f).fd)),
                named(
                        "regions that overlap",
                        "overlap",
                        f ->
                                f.messages.send(
                                        5,
                                        table(2, 0, MIB, 0, 0, MIB / 2, MIB, MIB * 4, 0),
                                        data(f).fd,
                                        data(f).fd)),
                named(
                        "user addresses that overlap",
                        "overlap",
                        f ->
                                f.messages.send(
                                        5,
                                        table(2, 0, MIB, 0, 0, MIB, MIB, MIB / 2, 0),
                                        data(f).fd,
                                        data(f).fd)),
                named(
                        "an event as memory",
                        "is no file of memory",
                        f -> f.messages.send(5, table(1, 0, MIB, 0, 0), f.queue().kick.fd())),
                named(
                        "a socket as memory",
                        "is no file of memory",
                        f -> f.messages.send(5, table(1, 0, MIB, 0, 0), f.messages.fd())));
    }

    private static void nineRegions(FrontEnd f) throws IOException {
        long[] numbers = new long[36];
        int[] descriptors = new int[9];
        for (int i = 0; i < 9; i++) {
            numbers[4 * i] = (long) i * MIB;
            numbers[4 * i + 1] = MIB;
            numbers[4 * i + 2] = (long) i * MIB;
            numbers[4 * i + 3] = (long) i * MIB;
            descriptors[i] = data(f).fd;
        }
        f.messages.send(Vhost.SET_MEM_TABLE, table(9, numbers), descriptors);
    }

    @ParameterizedTest
    @MethodSource("tables")
    void wrongMemoryTable(Abuse abuse) throws Exception {
        isLost(setup -> setup.protocol &= ~bit(Vhost.P_CONFIGURE_MEM_SLOTS), abuse);
    }

    private static byte[] region(long guest, long size, long user, long offset) {
        return Bytes.of().u64(0).u64(guest).u64(size).u64(user).u64(offset).array();
    }

    static Stream<Named<Abuse>> regions() {
        byte[] right = region(ELSEWHERE, MIB, ELSEWHERE, 0);
        return Stream.of(
                named("no descriptor", "for one region of memory", f -> f.messages.send(37, right)),
                named(
                        "two descriptors",
                        "for one region of memory",
                        f -> f.messages.send(37, right, data(f).fd, data(f).fd)),
                named(
                        "the same once more",
                        "overlap",
                        f -> f.messages.send(37, data(f).single(), data(f).fd)),
                named(
                        "an overlap",
                        "overlap",
                        f ->
                                f.messages.send(
                                        37,
                                        region(FrontEnd.DATA + MIB, MIB, ELSEWHERE, 0),
                                        data(f).fd)),
                named(
                        "no size",
                        "cannot be",
                        f -> f.messages.send(37, region(ELSEWHERE, 0, ELSEWHERE, 0), data(f).fd)),
                named(
                        "more than the file",
                        "does not fit into its file",
                        f ->
                                f.messages.send(
                                        37, region(ELSEWHERE, 1L << 36, ELSEWHERE, 0), data(f).fd)),
                named(
                        "one goes that is not there",
                        "was never there",
                        f -> f.messages.send(38, right)),
                named(
                        "one goes that is another",
                        "was never there",
                        f ->
                                f.messages.send(
                                        38,
                                        region(
                                                FrontEnd.DATA,
                                                data(f).size - 4096,
                                                data(f).user(),
                                                0))),
                named("endlessly many", "more than 32 regions", HostileMessagesTest::endlessly));
    }

    private static void endlessly(FrontEnd f) throws IOException {
        for (int i = 0; i < 600; i++) {
            long at = ELSEWHERE + (long) i * MIB;
            f.messages.acknowledged(37, region(at, MIB, at, 0), data(f).fd);
        }
    }

    @ParameterizedTest
    @MethodSource("regions")
    void wrongRegion(Abuse abuse) throws Exception {
        isLost(setup -> {}, abuse);
    }

    @Test
    void aRegionWithAQueueThatGoes() throws Exception {
        try (FrontEnd frontEnd = site.frontEnd()) {
            GuestMemory.Region queues = frontEnd.memory.regions().get(0);
            frontEnd.messages.send(Vhost.REM_MEM_REG, queues.single());
            for (int i = 0; i < 10; i++) {
                frontEnd.queue().kick.signal();
            }
            frontEnd.messages.hasInput(200);
        }
        try (FrontEnd next = site.frontEnd()) {
            works(next);
        }
    }

    // Queues

    private static byte[] addresses(FrontEnd f, long... change) {
        byte[] right = f.address(f.queue());
        long user = f.memory.user(f.queue().guest);
        return Bytes.of()
                .put(Arrays.copyOf(right, 8))
                .u64(user + change[0])
                .u64(user + 0xc000 + change[1])
                .u64(user + 0x8000 + change[2])
                .u64(0)
                .array();
    }

    /** Stops the queue and starts it with other addresses. */
    private static void restart(FrontEnd f, long... change) throws IOException {
        f.stop();
        f.messages.send(Vhost.SET_VRING_ADDR, addresses(f, change));
        f.messages.send(Vhost.SET_VRING_KICK, Bytes.u64Of(0), f.queue().kick.fd());
        f.messages.send(Vhost.SET_VRING_ENABLE, FrontEnd.pair(0, 1));
        f.queue().kick.signal();
    }

    static Stream<Named<Abuse>> queues() {
        return Stream.of(
                named(
                        "queue 77777: size",
                        "num-queues",
                        f -> f.messages.send(8, FrontEnd.pair(77777, 128))),
                named(
                        "queue 77777: base",
                        "num-queues",
                        f -> f.messages.send(10, FrontEnd.pair(77777, 0))),
                named(
                        "queue 77777: end",
                        "num-queues",
                        f -> f.messages.send(11, FrontEnd.pair(77777, 0))),
                named(
                        "queue 77777: enabled",
                        "num-queues",
                        f -> f.messages.send(18, FrontEnd.pair(77777, 1))),
                named("queue 4", "num-queues", f -> f.messages.send(8, FrontEnd.pair(4, 128))),
                named("queue -1", "num-queues", f -> f.messages.send(8, FrontEnd.pair(-1, 128))),
                named(
                        "kick of queue 4",
                        "num-queues",
                        f -> f.messages.send(12, Bytes.u64Of(4), data(f).fd)),
                named(
                        "call of queue 255",
                        "num-queues",
                        f -> f.messages.send(13, Bytes.u64Of(255), data(f).fd)),
                named(
                        "no kick",
                        "came without its descriptor",
                        f -> f.messages.send(12, Bytes.u64Of(0))),
                named(
                        "no call",
                        "came without its descriptor",
                        f -> f.messages.send(13, Bytes.u64Of(0))),
                named(
                        "no error",
                        "came without its descriptor",
                        f -> f.messages.send(14, Bytes.u64Of(0))),
                named("size 0", "queue-size", f -> size(f, 0)),
                named("size 3", "queue-size", f -> size(f, 3)),
                named("size 100", "queue-size", f -> size(f, 100)),
                named("size 512 of 256", "queue-size", f -> size(f, 512)),
                named("size 32768", "queue-size", f -> size(f, 32768)),
                named("size 65536", "queue-size", f -> size(f, 65536)),
                named("size -1", "queue-size", f -> size(f, -1)),
                named("base 65536", "begins at index", f -> base(f, 65536)),
                named("base -1", "begins at index", f -> base(f, -1)),
                named("enabled by 2", "enabled by", f -> f.messages.send(18, FrontEnd.pair(0, 2))),
                named(
                        "descriptors elsewhere",
                        "not in one region",
                        f -> restart(f, 1L << 40, 0, 0)),
                named("used ring elsewhere", "not in one region", f -> restart(f, 0, 1L << 40, 0)),
                named("avail ring elsewhere", "not in one region", f -> restart(f, 0, 0, 1L << 40)),
                named(
                        "descriptors across an end",
                        "not in one region",
                        f -> restart(f, Queue.LENGTH - 16, 0, 0)),
                named(
                        "used ring across an end",
                        "not in one region",
                        f -> restart(f, 0, 0x100000 - 0xc010, 0)),
                named(
                        "avail ring across an end",
                        "not in one region",
                        f -> restart(f, 0, 0, 0x100000 - 0x8010)),
                named("descriptors at an odd place", "not aligned to", f -> restart(f, 8, 0, 0)),
                named("used ring at an odd place", "not aligned to", f -> restart(f, 0, 2, 0)),
                named("avail ring at an odd place", "not aligned to", f -> restart(f, 0, 0, 1)));
    }

    private static void size(FrontEnd f, int size) throws IOException {
        f.stop();
        f.messages.send(Vhost.SET_VRING_NUM, FrontEnd.pair(0, size));
        f.messages.send(Vhost.SET_VRING_ADDR, addresses(f, 0, 0, 0));
    }

    private static void base(FrontEnd f, int base) throws IOException {
        f.stop();
        f.messages.send(Vhost.SET_VRING_BASE, FrontEnd.pair(0, base));
    }

    @ParameterizedTest
    @MethodSource("queues")
    void wrongQueue(Abuse abuse) throws Exception {
        isLost(setup -> {}, abuse);
    }

    /** Some of these are allowed to be waited for; what counts is that the next one is served. */
    static Stream<Named<Abuse>> orders() {
        return Stream.of(
                named(
                        "enabled before anything",
                        f -> f.messages.send(Vhost.SET_VRING_ENABLE, FrontEnd.pair(0, 1))),
                named(
                        "kicked before anything",
                        f -> {
                            f.messages.send(12, Bytes.u64Of(0), f.queue().kick.fd());
                            f.messages.send(Vhost.SET_VRING_ENABLE, FrontEnd.pair(0, 1));
                            f.queue().kick.signal();
                        }),
                named(
                        "addresses before memory",
                        f -> f.messages.send(Vhost.SET_VRING_ADDR, f.address(f.queue()))),
                named(
                        "rings before features",
                        f -> {
                            f.shareMemory();
                            f.share(f.queue());
                            f.queue().kick.signal();
                        }),
                named(
                        "end before anything",
                        f -> f.messages.send(Vhost.GET_VRING_BASE, FrontEnd.pair(0, 0))),
                named("inflight before anything", f -> f.messages.send(32, new byte[24])),
                named("reset before anything", f -> f.messages.send(Vhost.RESET_DEVICE, NOTHING)),
                named("an end at once", f -> f.messages.shutdownOutput()));
    }

    @ParameterizedTest
    @MethodSource("orders")
    void wrongOrder(Abuse abuse) throws Exception {
        try (FrontEnd frontEnd = FrontEnd.of(site.socket(), setup -> {})) {
            frontEnd.connect();
            abuse.by(frontEnd);
            frontEnd.messages.hasInput(100);
        }
        try (FrontEnd next = site.frontEnd()) {
            works(next);
        }
    }

    // Inflight

    static Stream<Named<Abuse>> inflights() {
        return Stream.of(
                named("no queue", "cannot be", f -> f.messages.send(31, inflight(0, 0, 0, 128))),
                named("no size", "cannot be", f -> f.messages.send(31, inflight(0, 0, 1, 0))),
                named(
                        "65535 queues",
                        "cannot be",
                        f -> f.messages.send(31, inflight(0, 0, 65535, 65535))),
                named("a size of 3", "cannot be", f -> f.messages.send(31, inflight(0, 0, 1, 3))),
                named(
                        "no memory",
                        "came without its descriptor",
                        f -> f.messages.send(32, inflight(4096, 0, 1, 128))),
                named(
                        "little memory",
                        "is not right for",
                        f -> f.messages.send(32, inflight(64, 0, 1, 128), f.inflight())),
                named(
                        "more memory than there is",
                        "is not right for",
                        f -> f.messages.send(32, inflight(1L << 30, 0, 1, 128), f.inflight())),
                named(
                        "memory behind its end",
                        "does not fit into its file",
                        f -> f.messages.send(32, inflight(4096, 1L << 30, 1, 128), f.inflight())),
                named(
                        "memory before its begin",
                        "cannot be",
                        f -> f.messages.send(32, inflight(4096, -4096, 1, 128), f.inflight())),
                named(
                        "more queues than memory",
                        "is not right for",
                        f -> f.messages.send(32, inflight(4096, 0, 4, 256), f.inflight())),
                named(
                        "an event as memory",
                        "is no file of memory",
                        f -> f.messages.send(32, inflight(4096, 0, 1, 128), f.queue().kick.fd())));
    }

    private static byte[] inflight(long size, long offset, int queues, int queueSize) {
        return Bytes.of().u64(size).u64(offset).u16(queues).u16(queueSize).zeroes(4).array();
    }

    @ParameterizedTest
    @MethodSource("inflights")
    void wrongInflightMemory(Abuse abuse) throws Exception {
        isLost(setup -> {}, abuse);
    }

    // Configuration

    @Test
    void aQuestionForMoreConfigurationThanItHasRoomFor() throws Exception {
        isLost(
                setup -> {},
                f -> {
                    byte[] question = Bytes.of().u32(0).u32(60).u32(0).zeroes(4).array();
                    Message reply = f.messages.ask(Vhost.GET_CONFIG, question);
                    // an error is as good an answer
                    assertEquals(0, reply.payload().length);
                    f.messages.send(Vhost.GET_FEATURES, 0, NOTHING);
                });
    }

    @Test
    void noChannelForTheBackEnd() throws Exception {
        isLost(setup -> {}, f -> f.messages.send(Vhost.SET_BACKEND_REQ_FD, NOTHING));
    }

    // Events that are none, or that hold up whoever uses them

    @ParameterizedTest
    @ValueSource(ints = {12, 13, 14})
    void whatIsNoEventIsRefused(int request) throws Exception {
        isLost(setup -> {}, f -> f.messages.send(request, Bytes.u64Of(0), data(f).fd));
    }

    private static void endsSoon(Site any) {
        long begun = System.nanoTime();
        any.export.requestShutdown(ShutdownMode.HARD);
        any.export.delete();
        long millis = (System.nanoTime() - begun) / 1_000_000;
        assertTrue(millis < 3000, millis + " ms");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCallThatHoldsUpWhoeverCalls(boolean ends) throws Exception {
        try (Event full = Event.blocking();
                FrontEnd frontEnd = site.frontEnd()) {
            frontEnd.tell(Vhost.SET_VRING_CALL, Bytes.u64Of(0), full.fd());
            full.fill();
            Queue queue = frontEnd.queue();
            queue.ring.usedEvent(queue.ring.usedIndex());
            queue.submit(Vhost.IN, 0, new Queue.Segment(FrontEnd.DATA, 512));
            Await.until("done", () -> queue.ring.usedIndex() == 1);
            if (ends) {
                endsSoon(site);
            }
        }
        if (ends) {
            site.start(Optional.empty());
        }
        try (FrontEnd next = site.frontEnd()) {
            works(next);
        }
    }

    @Test
    void aCallThatHoldsUpTheQueueCostsTheConnection() throws Exception {
        try (Event full = Event.blocking();
                FrontEnd frontEnd = site.frontEnd()) {
            frontEnd.tell(Vhost.SET_VRING_CALL, Bytes.u64Of(0), full.fd());
            full.fill();
            Queue queue = frontEnd.queue();
            queue.ring.usedEvent(queue.ring.usedIndex());
            queue.submit(Vhost.IN, 0, new Queue.Segment(FrontEnd.DATA, 512));
            frontEnd.messages.awaitEnd();
            assertTrue(site.log.toString().contains("call does not return"), site.log::toString);
        }
    }

    @Test
    void aCallThatIsFullHoldsUpNoThreadOfTheNode() throws Exception {
        node.inline = false;
        node.async = true;
        try (Event full = Event.blocking();
                FrontEnd frontEnd = site.frontEnd()) {
            frontEnd.tell(Vhost.SET_VRING_CALL, Bytes.u64Of(0), full.fd());
            full.fill();
            Queue queue = frontEnd.queue();
            for (int i = 0; i < 5; i++) {
                int done = i + 1;
                queue.ring.usedEvent(queue.ring.usedIndex());
                queue.submit(Vhost.IN, 0, new Queue.Segment(FrontEnd.DATA, 512));
                Await.until("done", () -> queue.ring.usedIndex() == done);
            }
            Await.until("nobody hangs", () -> Resources.threads("memory-backend").isEmpty());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aKickThatHoldsUpWhoeverTakesIt(boolean ends) throws Exception {
        try (Event kick = Event.blocking();
                FrontEnd frontEnd = site.frontEnd()) {
            frontEnd.tell(Vhost.SET_VRING_KICK, Bytes.u64Of(0), kick.fd());
            AtomicBoolean over = new AtomicBoolean();
            Thread thief =
                    new Thread(
                            () -> {
                                while (!over.get()) {
                                    kick.await(1);
                                }
                            });
            thief.setDaemon(true);
            thief.start();
            for (int i = 0; i < 1000; i++) {
                // Each of them may be gone when it is to be taken.
                kick.signal();
                Thread.onSpinWait();
            }
            if (ends) {
                endsSoon(site);
            }
            over.set(true);
            Await.until(
                    () -> "the thief waits",
                    () -> {
                        kick.signal();
                        return !thief.isAlive();
                    });
        }
        if (ends) {
            site.start(Optional.empty());
        }
        try (FrontEnd next = site.frontEnd()) {
            works(next);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void repliesThatNobodyReads(boolean ends) throws Exception {
        try (FrontEnd frontEnd = site.frontEnd()) {
            byte[] question = Bytes.of().u32(0).u32(256).u32(0).zeroes(256).array();
            ExecutorService sender = Executors.newSingleThreadExecutor();
            AtomicInteger sent = new AtomicInteger();
            try {
                Future<?> endless =
                        sender.submit(
                                () -> {
                                    while (true) {
                                        frontEnd.messages.send(Vhost.GET_CONFIG, question);
                                        sent.incrementAndGet();
                                    }
                                });
                AtomicInteger seen = new AtomicInteger();
                Await.until(
                        () -> "neither gets on",
                        () -> sent.get() > 0 && seen.getAndSet(sent.get()) == sent.get());
                if (ends) {
                    endsSoon(site);
                } else {
                    frontEnd.messages.shutdown();
                }
                ExecutionException end =
                        assertThrows(
                                ExecutionException.class, () -> endless.get(10, TimeUnit.SECONDS));
                assertTrue(end.getCause() instanceof IOException, end::toString);
            } finally {
                sender.shutdownNow();
            }
        }
        if (ends) {
            site.start(Optional.empty());
        }
        try (FrontEnd next = site.frontEnd()) {
            works(next);
        }
    }

    // Descriptors that nobody asked for

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 15, 17, 24, 36})
    void descriptorsThatNobodyAskedForAreClosed(int request) throws Exception {
        byte[] payload = request == 24 ? Bytes.of().u32(0).u32(4).u32(0).u32(0).array() : NOTHING;
        try (Event event = new Event()) {
            int before = Resources.descriptors();
            try (FrontEnd frontEnd = site.frontEnd()) {
                int[] many = new int[200];
                Arrays.fill(many, event.fd());
                try {
                    for (int i = 0; i < 20; i++) {
                        frontEnd.messages.send(request, payload, many);
                    }
                    frontEnd.messages.ask(Vhost.GET_QUEUE_NUM, NOTHING);
                } catch (IOException e) {
                    // a connection may be lost for it, or not
                    assertFalse(site.log.toString().isEmpty());
                }
                Await.until(() -> "descriptors stay", () -> Resources.descriptors() < before + 40);
            }
            Await.until(() -> "descriptors stay", () -> Resources.descriptors() <= before);
        }
        try (FrontEnd next = site.frontEnd()) {
            works(next);
        }
    }

    @Test
    void descriptorsWithALaterPartOfAMessageAreNotMixedUp() throws Exception {
        int before = Resources.descriptors();
        try (Messages messages = site.connect();
                Event event = new Event()) {
            messages.sendRaw(new byte[] {1, 0}, event.fd(), event.fd());
            messages.sendRaw(Bytes.of().u16(0).u32(1).array(), event.fd());
            messages.sendRaw(new byte[4], event.fd());
            messages.hasInput(200);
        }
        Await.until(() -> "descriptors stay", () -> Resources.descriptors() <= before);
        try (FrontEnd next = site.frontEnd()) {
            works(next);
        }
    }

    /** Whatever is sent, the next front-end is served. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void nonsense(int seed) throws Exception {
        java.util.Random random = new java.util.Random(seed);
        int before = Resources.descriptors();
        for (int i = 0; i < 40; i++) {
            try (FrontEnd frontEnd = site.frontEnd()) {
                nonsense(frontEnd, random);
            }
        }
        try (FrontEnd next = site.frontEnd()) {
            works(next);
        }
        Await.until(() -> "descriptors stay", () -> Resources.descriptors() <= before);
    }

    private static void nonsense(FrontEnd frontEnd, java.util.Random random) {
        try {
            for (int i = 0; i < 30; i++) {
                int request = random.nextInt(42);
                int[] sizes = {0, 8, 8, 8, 12, 24, 40, 40, 72};
                byte[] payload = new byte[sizes[random.nextInt(sizes.length)]];
                for (int at = 0; at < payload.length; at += 1 + random.nextInt(8)) {
                    payload[at] = (byte) (random.nextInt(4) == 0 ? random.nextInt() : 0);
                }
                int[] descriptors = new int[random.nextInt(3)];
                Arrays.fill(
                        descriptors,
                        random.nextBoolean() ? frontEnd.queue().kick.fd() : data(frontEnd).fd);
                frontEnd.messages.send(request, payload, descriptors);
                frontEnd.queue().kick.signal();
            }
        } catch (IOException e) {
            return; // thrown out
        }
        frontEnd.messages.hasInput(1);
    }
}
