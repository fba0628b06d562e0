package io.diskport.vhost.blk;

import static io.diskport.vhost.blk.testing.Vhost.bit;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.node.BlockLimits;
import io.diskport.testkit.fake.MemoryBackend;
import io.diskport.vhost.blk.testing.Await;
import io.diskport.vhost.blk.testing.Bytes;
import io.diskport.vhost.blk.testing.FrontEnd;
import io.diskport.vhost.blk.testing.Messages.Message;
import io.diskport.vhost.blk.testing.Queue;
import io.diskport.vhost.blk.testing.Vhost;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The configuration of the device (virtio 1.x, section 5.2.4). */
@Timeout(60)
class ConfigTest {
    private static final int SIZE = 8 << 20;
    private static final int WCE = 32;

    private final MemoryBackend node = MemoryBackend.inline(SIZE);
    private Site site;
    private FrontEnd frontEnd;

    private void offer(Site.Change change) throws Exception {
        site = new Site(node, change);
        int size = Math.min(128, site.settings.queueSize);
        frontEnd = site.frontEnd(setup -> setup.queueSize = size);
    }

    @AfterEach
    void close() throws Exception {
        if (frontEnd != null) {
            frontEnd.close();
        }
        site.close();
    }

    private byte[] config() throws IOException {
        return frontEnd.readConfig(0, Vhost.CONFIG_LENGTH);
    }

    // Fields

    @Test
    void theFields() throws Exception {
        offer(settings -> settings.numQueues = 3);
        byte[] config = config();
        assertEquals(SIZE / 512, Bytes.getU64(config, 0), "capacity");
        int segments = Bytes.getU32(config, 12);
        assertTrue(segments >= 32 && segments <= 254, "seg_max " + segments);
        assertTrue(Bytes.getU32(config, 8) >= 1 << 16, "size_max");
        assertEquals(512, Bytes.getU32(config, 20), "blk_size");
        assertEquals(3, Bytes.getU16(config, 34), "num_queues");
        assertEquals(32768, Bytes.getU32(config, 36), "max_discard_sectors");
        assertEquals(1, Bytes.getU32(config, 40), "max_discard_seg");
        assertEquals(32768, Bytes.getU32(config, 48), "max_write_zeroes_sectors");
        assertEquals(1, Bytes.getU32(config, 52), "max_write_zeroes_seg");
        assertEquals(1, config[56], "write_zeroes_may_unmap");
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 4096, 2_097_152})
    void theBlockSizeIsTheOption(int size) throws Exception {
        offer(settings -> settings.logicalBlockSize = size);
        assertEquals(size, Bytes.getU32(config(), 20));
        assertEquals(SIZE / 512, Bytes.getU64(config(), 0), "the capacity is in sectors anyway");
    }

    @ParameterizedTest
    @CsvSource({"512, 4096, 3", "512, 65536, 7", "4096, 4096, 0", "4096, 1048576, 8"})
    void theTopologyIsTheNodes(int logical, int preferred, int exponent) throws Exception {
        node.limits = BlockLimits.ANY.withLengths(preferred, 1 << 30);
        offer(settings -> settings.logicalBlockSize = logical);
        byte[] config = config();
        int physical = logical << (config[24] & 0xff);
        assertTrue(physical <= preferred && config[24] <= exponent, "physical " + physical);
        int minimum = Bytes.getU16(config, 26) * logical;
        assertTrue(minimum >= logical && minimum % physical == 0, "min_io_size " + minimum);
        int optimal = Bytes.getU32(config, 28) * logical;
        assertTrue(optimal == 0 || optimal % physical == 0, "opt_io_size " + optimal);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 64, 1024})
    void segmentsFitIntoAQueue(int queueSize) throws Exception {
        offer(settings -> settings.queueSize = queueSize);
        int segments = Bytes.getU32(config(), 12);
        assertTrue(segments >= 1 && segments <= Math.max(1, queueSize - 2), "seg_max " + segments);
    }

    @Test
    void anOddEndIsLeftOut() throws Exception {
        node.pretend(SIZE - 100);
        offer(settings -> {});
        assertEquals(SIZE / 512 - 1, Bytes.getU64(config(), 0));
    }

    @Test
    void aPartOfABlockIsLeftOut() throws Exception {
        node.pretend(SIZE - 512);
        offer(settings -> settings.logicalBlockSize = 4096);
        assertEquals(SIZE / 512 - 8, Bytes.getU64(config(), 0));
    }

    // Reading

    @Test
    void partsMayBeRead() throws Exception {
        offer(settings -> {});
        byte[] config = config();
        for (int from = 0; from < Vhost.CONFIG_LENGTH; from += 7) {
            int length = Math.min(9, Vhost.CONFIG_LENGTH - from);
            assertArrayEquals(
                    Arrays.copyOfRange(config, from, from + length),
                    frontEnd.readConfig(from, length));
        }
    }

    @Test
    void longerConfigurationsOfLaterVersionsAreZero() throws Exception {
        offer(settings -> {});
        byte[] question = Bytes.of().u32(0).u32(256).u32(0).zeroes(256).array();
        Message reply = frontEnd.messages.ask(Vhost.GET_CONFIG, question);
        if (reply.payload().length > 0) {
            assertEquals(268, reply.payload().length);
            assertEquals(SIZE / 512, Bytes.getU64(reply.payload(), 12));
            assertEquals(0, Bytes.getU64(reply.payload(), 260));
        }
    }

    @ParameterizedTest
    @CsvSource({"257, 8", "0, 257", "250, 8", "-1, 8", "-4, 8", "2147483647, 1"})
    void whatIsOutsideIsAnsweredByNothing(int offset, int length) throws Exception {
        offer(settings -> {});
        byte[] question = Bytes.of().u32(offset).u32(length).u32(0).zeroes(length).array();
        assertEquals(0, frontEnd.messages.ask(Vhost.GET_CONFIG, question).payload().length);
        config();
    }

    // The write cache

    private void writes(int expectedFuas) {
        int before = node.fuas.get() + node.flushes.get();
        Queue queue = frontEnd.queue();
        assertEquals(Vhost.OK, frontEnd.write(queue, 0, new byte[4096]));
        assertEquals(expectedFuas, node.fuas.get() + node.flushes.get() - before);
    }

    private void setCache(int on) throws IOException {
        byte[] change = FrontEnd.configWrite(WCE, (byte) on);
        frontEnd.tell(Vhost.SET_CONFIG, change);
    }

    @Test
    void theCacheIsOnAtFirst() throws Exception {
        offer(settings -> {});
        assertEquals(1, config()[WCE]);
        writes(0);
    }

    @Test
    void theCacheIsSwitched() throws Exception {
        offer(settings -> {});
        setCache(0);
        assertEquals(0, config()[WCE]);
        writes(1);
        setCache(1);
        assertEquals(1, config()[WCE]);
        writes(0);
    }

    @Test
    void zeroesAreWrittenThroughToo() throws Exception {
        offer(settings -> {});
        setCache(0);
        byte[] range = Bytes.of().u64(0).u32(8).u32(0).array();
        frontEnd.memory.put(FrontEnd.DATA, range);
        assertEquals(
                Vhost.OK,
                frontEnd.queue().run(Vhost.WRITE_ZEROES, 0, new Queue.Segment(FrontEnd.DATA, 16)));
        assertTrue(node.fuas.get() + node.flushes.get() > 0, "on stable storage");
    }

    @Test
    void whoDoesNotFlushHasNoCache() throws Exception {
        site = new Site(node);
        frontEnd = site.frontEnd(setup -> setup.without = bit(Vhost.F_FLUSH));
        writes(1);
    }

    @Test
    void whoFlushesAndCannotSwitchHasACache() throws Exception {
        site = new Site(node);
        frontEnd = site.frontEnd(setup -> setup.without = bit(Vhost.F_CONFIG_WCE));
        writes(0);
    }

    @Test
    void aNewFrontEndHasACache() throws Exception {
        offer(settings -> {});
        setCache(0);
        frontEnd.close();
        frontEnd = site.frontEnd();
        assertEquals(1, config()[WCE]);
        writes(0);
    }

    @ParameterizedTest
    @CsvSource({"0, 8", "31, 1", "33, 1", "31, 2", "32, 2", "60, 1", "-1, 4"})
    void nothingElseIsWritten(int offset, int length) throws Exception {
        offer(settings -> {});
        byte[] before = config();
        byte[] change = FrontEnd.configWrite(offset, new byte[length]);
        assertNotEquals(0, frontEnd.messages.acknowledged(Vhost.SET_CONFIG, change));
        assertArrayEquals(before, config());
    }

    // Another length

    private void resize(long length) {
        node.pretend(length);
        site.export.resized(length);
    }

    private Message announced() throws IOException {
        Message message = frontEnd.backend.receive();
        assertEquals(Vhost.BACKEND_CONFIG_CHANGE, message.request());
        assertEquals(0, message.payload().length);
        assertEquals(Vhost.VERSION, message.flags() & ~Vhost.NEED_REPLY);
        if ((message.flags() & Vhost.NEED_REPLY) != 0) {
            frontEnd.backend.send(message.request(), Vhost.VERSION | Vhost.REPLY, Bytes.u64Of(0));
        }
        return message;
    }

    @Test
    void aFrontEndIsToldOfAnotherLength() throws Exception {
        offer(settings -> {});
        for (int i = 1; i < 5; i++) {
            resize(SIZE + i * 4096L);
            announced();
            assertEquals(SIZE / 512 + 8 * i, Bytes.getU64(config(), 0));
        }
        assertArrayEquals(new byte[4096], frontEnd.read(frontEnd.queue(), SIZE + 8192, 4096));
        resize(SIZE / 2);
        announced();
        assertEquals(SIZE / 1024, Bytes.getU64(config(), 0));
        Queue.Segment data = new Queue.Segment(FrontEnd.DATA, 4096);
        assertEquals(Vhost.IOERR, frontEnd.queue().run(Vhost.IN, SIZE / 1024, data));
    }

    @Test
    void aFrontEndThatDoesNotReadIsNotWaitedFor() throws Exception {
        offer(settings -> {});
        for (int i = 0; i < 20_000; i++) {
            resize(SIZE + i % 2 * 4096L);
        }
        announced();
        assertEquals(Vhost.OK, frontEnd.write(frontEnd.queue(), 0, new byte[512]));
    }

    @Test
    void aFrontEndThatCannotBeToldSeesItAnyway() throws Exception {
        site = new Site(node);
        frontEnd = site.frontEnd(setup -> setup.protocol &= ~bit(Vhost.P_BACKEND_REQ));
        resize(SIZE * 2L);
        Await.until("the new capacity", () -> Bytes.getU64(config(), 0) == SIZE / 256);
    }

    @Test
    void aFrontEndThatClosedItsEndIsServed() throws Exception {
        offer(settings -> {});
        frontEnd.backend.close();
        resize(SIZE * 2L);
        resize(SIZE * 3L);
        Await.until("the new capacity", () -> Bytes.getU64(config(), 0) == SIZE / 512 * 3);
        assertEquals(Vhost.OK, frontEnd.write(frontEnd.queue(), 0, new byte[512]));
    }

    @Test
    void anotherLengthWithNobodyConnectedIsSeenLater() throws Exception {
        offer(settings -> {});
        frontEnd.close();
        resize(SIZE * 2L);
        frontEnd = site.frontEnd();
        assertEquals(SIZE * 2L, frontEnd.capacity());
        assertFalse(frontEnd.backend.hasInput(50), "nothing to tell");
    }

    // Names

    private String identity() {
        Queue.Segment place = new Queue.Segment(FrontEnd.DATA, 20);
        assertEquals(Vhost.OK, frontEnd.queue().run(Vhost.GET_ID, 0, place));
        return new String(
                        frontEnd.memory.get(FrontEnd.DATA, 20),
                        java.nio.charset.StandardCharsets.US_ASCII)
                .replace("\0", "");
    }

    @Test
    void theSerialNumberIsTheOption() throws Exception {
        offer(settings -> settings.serial = Optional.of("0123456789abcdefghij"));
        assertEquals("0123456789abcdefghij", identity());
    }

    @Test
    void theSerialNumberIsTheIdWhereThereIsNone() throws Exception {
        offer(settings -> {});
        assertEquals(site.id, identity());
    }
}
