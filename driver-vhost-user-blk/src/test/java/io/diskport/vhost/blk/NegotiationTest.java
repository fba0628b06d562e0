package io.diskport.vhost.blk;

import static io.diskport.vhost.blk.testing.Vhost.bit;
import static io.diskport.vhost.blk.testing.Vhost.bits;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.testkit.fake.MemoryBackend;
import io.diskport.vhost.blk.testing.Await;
import io.diskport.vhost.blk.testing.Bytes;
import io.diskport.vhost.blk.testing.Event;
import io.diskport.vhost.blk.testing.FrontEnd;
import io.diskport.vhost.blk.testing.GuestMemory;
import io.diskport.vhost.blk.testing.Messages;
import io.diskport.vhost.blk.testing.Messages.Message;
import io.diskport.vhost.blk.testing.Queue;
import io.diskport.vhost.blk.testing.Vhost;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is agreed on, message by message. */
@Timeout(60)
class NegotiationTest {
    private static final int SIZE = 8 << 20;
    private static final byte[] NOTHING = {};

    private final MemoryBackend node = MemoryBackend.inline(SIZE);
    private Site site;

    @BeforeEach
    void offer() throws Exception {
        site = new Site(node);
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    private void works(FrontEnd frontEnd) {
        for (Queue queue : frontEnd.queues) {
            byte[] data = Bytes.pattern(6000 / 512 * 512, System.nanoTime());
            assertEquals(Vhost.OK, frontEnd.write(queue, 512, data));
            assertArrayEquals(data, frontEnd.read(queue, 512, data.length));
        }
    }

    // Features

    @Test
    void featuresOfTheDevice() throws Exception {
        try (Messages messages = site.connect()) {
            long offered = messages.ask(Vhost.GET_FEATURES, NOTHING).u64();
            long expected =
                    bits(
                            Vhost.F_SIZE_MAX,
                            Vhost.F_SEG_MAX,
                            Vhost.F_TOPOLOGY,
                            Vhost.F_BLK_SIZE,
                            Vhost.F_FLUSH,
                            Vhost.F_DISCARD,
                            Vhost.F_WRITE_ZEROES,
                            Vhost.F_CONFIG_WCE,
                            Vhost.F_MQ,
                            Vhost.F_INDIRECT,
                            Vhost.F_EVENT_IDX,
                            Vhost.F_VERSION_1,
                            Vhost.F_PROTOCOL);
            assertEquals(Long.toHexString(expected), Long.toHexString(offered));
        }
    }

    @Test
    void featuresOfTheProtocol() throws Exception {
        try (Messages messages = site.connect()) {
            long offered = messages.ask(Vhost.GET_PROTOCOL_FEATURES, NOTHING).u64();
            long expected =
                    bits(
                            Vhost.P_MQ,
                            Vhost.P_REPLY_ACK,
                            Vhost.P_BACKEND_REQ,
                            Vhost.P_CONFIG,
                            Vhost.P_INFLIGHT_SHMFD,
                            Vhost.P_RESET_DEVICE,
                            Vhost.P_CONFIGURE_MEM_SLOTS,
                            Vhost.P_STATUS);
            assertEquals(Long.toHexString(expected), Long.toHexString(offered));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 6, 9, 10, 11, 12, 13, 14, 28, 29, 30, 32})
    void worksWithoutAnyOneFeature(int feature) throws Exception {
        try (FrontEnd frontEnd = site.frontEnd(setup -> setup.without = bit(feature))) {
            works(frontEnd);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 5, 9, 12, 13, 15})
    void worksWithoutAnyOneProtocolFeature(int feature) throws Exception {
        try (FrontEnd frontEnd = site.frontEnd(setup -> setup.protocol &= ~bit(feature))) {
            works(frontEnd);
        }
    }

    @Test
    void worksWithNoFeatureAtAll() throws Exception {
        try (FrontEnd frontEnd = site.frontEnd(setup -> setup.without = -1)) {
            works(frontEnd);
        }
    }

    @Test
    void worksWithNoProtocolFeatureAtAll() throws Exception {
        try (FrontEnd frontEnd = site.frontEnd(setup -> setup.protocol = 0)) {
            works(frontEnd);
        }
    }

    @Test
    void worksWithEveryFeature() throws Exception {
        try (FrontEnd frontEnd =
                site.frontEnd(
                        setup -> {
                            setup.protocol = -1;
                            setup.queues = 4;
                        })) {
            works(frontEnd);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 16, 128, 256})
    void worksWithQueuesOfAnySize(int size) throws Exception {
        try (FrontEnd frontEnd = site.frontEnd(setup -> setup.queueSize = size)) {
            works(frontEnd);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 32767, 32768, 65535})
    void queuesBeginAtTheIndexTheyAreTold(int first) throws Exception {
        try (FrontEnd frontEnd = site.frontEnd(setup -> setup.firstIndex = first)) {
            for (int i = 0; i < 300; i++) {
                works(frontEnd);
            }
            assertArrayEquals(new int[] {first + 600 & 0xffff}, frontEnd.stop());
        }
    }

    @Test
    void aFirmwareAndThenASystem() throws Exception {
        try (FrontEnd frontEnd = site.frontEnd(setup -> setup.queues = 2)) {
            works(frontEnd);
            frontEnd.stop();
            frontEnd.messages.ask(Vhost.GET_FEATURES, NOTHING);
            frontEnd.queues.forEach(Queue::reset);
            for (GuestMemory.Region region : frontEnd.memory.regions()) {
                frontEnd.tell(Vhost.REM_MEM_REG, region.single());
            }
            frontEnd.run();
            works(frontEnd);
        }
    }

    // Acknowledgements

    @Test
    void whatNeedsAReplyGetsOne() throws Exception {
        try (FrontEnd frontEnd = site.frontEnd();
                Event event = new Event()) {
            Messages messages = frontEnd.messages;
            assertEquals(0, messages.acknowledged(Vhost.SET_OWNER, NOTHING));
            byte[] features = Bytes.u64Of(frontEnd.features);
            assertEquals(0, messages.acknowledged(Vhost.SET_FEATURES, features));
            byte[] protocol = Bytes.u64Of(frontEnd.protocol);
            assertEquals(0, messages.acknowledged(Vhost.SET_PROTOCOL_FEATURES, protocol));
            byte[] zero = Bytes.u64Of(0);
            assertEquals(0, messages.acknowledged(Vhost.SET_VRING_CALL, zero, event.fd()));
            assertEquals(0, messages.acknowledged(Vhost.SET_VRING_ERR, zero, event.fd()));
            assertEquals(0, messages.acknowledged(Vhost.SET_VRING_ENABLE, FrontEnd.pair(0, 0)));
            assertEquals(0, messages.acknowledged(Vhost.SET_VRING_ENABLE, FrontEnd.pair(0, 1)));
            assertEquals(
                    0, messages.acknowledged(Vhost.SET_CONFIG, FrontEnd.configWrite(32, (byte) 1)));
        }
    }

    @Test
    void whatHasAReplyOfItsOwnIsNotAcknowledgedToo() throws Exception {
        try (FrontEnd frontEnd = site.frontEnd()) {
            int flags = Vhost.VERSION | Vhost.NEED_REPLY;
            frontEnd.messages.send(Vhost.GET_FEATURES, flags, NOTHING);
            assertEquals(frontEnd.offered, frontEnd.messages.receive().u64());
            frontEnd.messages.send(Vhost.GET_QUEUE_NUM, flags, NOTHING);
            assertEquals(4, frontEnd.messages.receive().u64());
        }
    }

    @Test
    void nothingIsAcknowledgedThatWasNotAgreedOn() throws Exception {
        try (Messages messages = site.connect()) {
            messages.send(Vhost.SET_OWNER, Vhost.VERSION | Vhost.NEED_REPLY, NOTHING);
            assertEquals(Vhost.GET_FEATURES, messages.ask(Vhost.GET_FEATURES, NOTHING).request());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 7, 19, 20, 22, 23, 26, 27, 28, 29, 30, 33, 35, 41, 99, -1})
    void whatIsNotKnownFails(int request) throws Exception {
        try (FrontEnd frontEnd = site.frontEnd()) {
            try {
                assertNotEquals(0, frontEnd.messages.acknowledged(request, Bytes.u64Of(0)));
                works(frontEnd);
            } catch (IOException e) {
                assertFalse(site.log.of(System.Logger.Level.WARNING).isEmpty(), "it says why");
            }
        }
        works(site);
    }

    private void works(Site any) throws Exception {
        try (FrontEnd frontEnd = any.frontEnd()) {
            works(frontEnd);
        }
    }

    // Single messages

    @Test
    void howManyQueues() throws Exception {
        try (Messages messages = site.connect()) {
            assertEquals(4, messages.ask(Vhost.GET_QUEUE_NUM, NOTHING).u64());
        }
    }

    @Test
    void howManyRegions() throws Exception {
        try (Messages messages = site.connect()) {
            long slots = messages.ask(Vhost.GET_MAX_MEM_SLOTS, NOTHING).u64();
            assertTrue(slots >= 32 && slots <= 509, slots + " slots");
        }
    }

    @Test
    void aMemoryTableReplacesTheOneBefore() throws Exception {
        try (FrontEnd frontEnd =
                site.frontEnd(setup -> setup.protocol &= ~bit(Vhost.P_CONFIGURE_MEM_SLOTS))) {
            works(frontEnd);
            frontEnd.memory.add(0x2_0000_0000L, 1 << 20, 0);
            frontEnd.shareMemory();
            works(frontEnd);
            Queue.Segment added = new Queue.Segment(0x2_0000_0000L + 8192, 4096);
            assertEquals(Vhost.OK, frontEnd.queue().run(Vhost.IN, 0, added));
        }
    }

    /** Places around each GiB, and requests across them. */
    @ParameterizedTest
    @ValueSource(longs = {1L << 30, 2L << 30, 3L << 30, 4L << 30, 5L << 30})
    void memoryOfManyGigabytes(long place) throws Exception {
        try (FrontEnd frontEnd = site.frontEnd(setup -> setup.data = (5L << 30) + (1 << 20))) {
            for (long offset : new long[] {-4096, -2048, -1, 0, 1, 4096}) {
                node.fill(0, Bytes.pattern(4096, offset));
                long guest = FrontEnd.DATA + place + offset;
                Queue.Segment there = new Queue.Segment(guest, 4096);
                assertEquals(Vhost.OK, frontEnd.queue().run(Vhost.IN, 0, there));
                assertArrayEquals(Bytes.pattern(4096, offset), frontEnd.memory.get(guest, 4096));
                assertEquals(Vhost.OK, frontEnd.queue().run(Vhost.OUT, 16, there));
                assertArrayEquals(Bytes.pattern(4096, offset), node.content(8192, 4096));
            }
        }
    }

    @Test
    void regionsComeAndGo() throws Exception {
        try (FrontEnd frontEnd = site.frontEnd()) {
            GuestMemory.Region more = frontEnd.memory.add(0x2_0000_0000L, 1 << 20, 0x1000);
            frontEnd.tell(Vhost.ADD_MEM_REG, more.single(), more.fd);
            Queue.Segment added = new Queue.Segment(0x2_0000_0000L + 8192, 4096);
            node.fill(0, Bytes.pattern(4096, 3));
            assertEquals(Vhost.OK, frontEnd.queue().run(Vhost.IN, 0, added));
            assertArrayEquals(
                    Bytes.pattern(4096, 3), frontEnd.memory.get(0x2_0000_0000L + 8192, 4096));
            frontEnd.tell(Vhost.REM_MEM_REG, more.single());
            works(frontEnd);
            frontEnd.tell(Vhost.ADD_MEM_REG, more.single(), more.fd);
            assertEquals(Vhost.OK, frontEnd.queue().run(Vhost.IN, 0, added));
        }
    }

    @Test
    void aRegionMayGoWithItsDescriptor() throws Exception {
        try (FrontEnd frontEnd = site.frontEnd()) {
            GuestMemory.Region more = frontEnd.memory.add(0x2_0000_0000L, 1 << 20, 0);
            frontEnd.tell(Vhost.ADD_MEM_REG, more.single(), more.fd);
            frontEnd.tell(Vhost.REM_MEM_REG, more.single(), more.fd);
            works(frontEnd);
        }
    }

    @Test
    void aQueueThatIsDisabledRests() throws Exception {
        try (FrontEnd frontEnd = site.frontEnd()) {
            frontEnd.enable(frontEnd.queue(), false);
            Queue.Ticket ticket =
                    frontEnd.queue().submit(Vhost.IN, 0, new Queue.Segment(FrontEnd.DATA, 4096));
            assertFalse(frontEnd.queue().call.await(200));
            assertEquals(0, frontEnd.queue().collect());
            frontEnd.enable(frontEnd.queue(), true);
            assertEquals(Vhost.OK, frontEnd.queue().await(ticket));
        }
    }

    @Test
    void theBaseIsToldWhenNothingIsUnderWay() throws Exception {
        node.inline = false;
        try (FrontEnd frontEnd = site.frontEnd()) {
            node.hang();
            Queue queue = frontEnd.queue();
            for (int i = 0; i < 5; i++) {
                queue.prepare(Vhost.IN, i, new Queue.Segment(FrontEnd.DATA, 512));
            }
            queue.publish();
            Await.until("five hang", () -> node.hanging.get() == 5);
            frontEnd.messages.send(Vhost.GET_VRING_BASE, FrontEnd.pair(0, 0));
            assertFalse(frontEnd.messages.hasInput(200), "an answer meanwhile");
            node.goOn();
            Message reply = frontEnd.messages.receive();
            assertArrayEquals(FrontEnd.pair(0, 5), reply.payload());
            assertEquals(5, queue.collect());
        }
    }

    @Test
    void aQueueThatWasStoppedGoesOnWhereItWas() throws Exception {
        try (FrontEnd frontEnd = site.frontEnd()) {
            works(frontEnd);
            int[] bases = frontEnd.stop();
            assertArrayEquals(new int[] {2}, bases);
            frontEnd.share(frontEnd.queue());
            frontEnd.enable(frontEnd.queue(), true);
            works(frontEnd);
        }
    }

    @Test
    void theCallMayBeAnother() throws Exception {
        try (FrontEnd frontEnd = site.frontEnd();
                Event other = new Event()) {
            works(frontEnd);
            frontEnd.tell(Vhost.SET_VRING_CALL, Bytes.u64Of(0), other.fd());
            frontEnd.queue().call.take();
            frontEnd.queue().ring.usedEvent(frontEnd.queue().ring.usedIndex());
            Queue.Ticket ticket =
                    frontEnd.queue().submit(Vhost.IN, 0, new Queue.Segment(FrontEnd.DATA, 512));
            assertTrue(other.await(5000), "called");
            assertEquals(Vhost.OK, frontEnd.queue().await(ticket));
            assertEquals(0, frontEnd.queue().call.take());
        }
    }

    @Test
    void aFrontEndThatLooksItselfIsNotCalled() throws Exception {
        try (FrontEnd frontEnd = site.frontEnd()) {
            frontEnd.tell(Vhost.SET_VRING_CALL, Bytes.u64Of(0x100));
            frontEnd.queue().call.take();
            frontEnd.queue().ring.usedEvent(frontEnd.queue().ring.usedIndex());
            Queue.Ticket ticket =
                    frontEnd.queue().submit(Vhost.IN, 0, new Queue.Segment(FrontEnd.DATA, 512));
            Await.until(
                    "done",
                    () -> {
                        frontEnd.queue().collect();
                        return ticket.isDone();
                    });
            assertEquals(0, frontEnd.queue().call.take());
        }
    }

    @Test
    void theKickMayBeAnother() throws Exception {
        try (FrontEnd frontEnd = site.frontEnd();
                Event other = new Event()) {
            Queue queue = frontEnd.queue();
            frontEnd.tell(Vhost.SET_VRING_KICK, Bytes.u64Of(0), other.fd());
            Queue.Ticket ticket = queue.prepare(Vhost.IN, 0, new Queue.Segment(FrontEnd.DATA, 512));
            queue.publish();
            other.signal();
            assertEquals(Vhost.OK, queue.await(ticket));
        }
    }

    @Test
    void kicksStayWithoutWaiting() throws Exception {
        try (FrontEnd frontEnd = site.frontEnd()) {
            works(frontEnd);
            // Were the flag gone, which both ends share, this would wait forever.
            frontEnd.queue().kick.take();
            assertEquals(0, frontEnd.queue().kick.take());
        }
    }

    @Test
    void aResetDeviceIsAsNew() throws Exception {
        try (FrontEnd frontEnd = site.frontEnd()) {
            works(frontEnd);
            frontEnd.tell(Vhost.RESET_DEVICE, NOTHING);
            frontEnd.queue().reset();
            Queue.Ticket ticket =
                    frontEnd.queue().prepare(Vhost.IN, 0, new Queue.Segment(FrontEnd.DATA, 512));
            frontEnd.queue().publish();
            assertFalse(frontEnd.queue().call.await(200));
            frontEnd.queue().reset();
            assertFalse(ticket.isDone());
            frontEnd.tell(Vhost.SET_FEATURES, Bytes.u64Of(frontEnd.features));
            frontEnd.share(frontEnd.queue());
            frontEnd.tell(Vhost.SET_VRING_CALL, Bytes.u64Of(0), frontEnd.queue().call.fd());
            frontEnd.enable(frontEnd.queue(), true);
            works(frontEnd);
        }
    }

    @Test
    void theStatusIsKept() throws Exception {
        try (FrontEnd frontEnd = site.frontEnd(setup -> setup.protocol |= bit(Vhost.P_STATUS))) {
            assertEquals(0xf, frontEnd.messages.ask(Vhost.GET_STATUS, NOTHING).u64());
            frontEnd.tell(Vhost.SET_STATUS, Bytes.u64Of(0x3));
            assertEquals(0x3, frontEnd.messages.ask(Vhost.GET_STATUS, NOTHING).u64());
            frontEnd.tell(Vhost.SET_STATUS, Bytes.u64Of(0));
            assertEquals(0, frontEnd.messages.ask(Vhost.GET_STATUS, NOTHING).u64());
        }
    }

    @Test
    void anOwnerMayBeReset() throws Exception {
        try (FrontEnd frontEnd = site.frontEnd()) {
            frontEnd.messages.send(Vhost.RESET_OWNER, NOTHING);
            assertEquals(4, frontEnd.messages.ask(Vhost.GET_QUEUE_NUM, NOTHING).u64());
        }
    }

    @Test
    void aMessageMayComeInPieces() throws Exception {
        try (Messages messages = site.connect()) {
            byte[] bytes = Bytes.of().u32(Vhost.GET_FEATURES).u32(1).u32(0).array();
            for (byte one : bytes) {
                assertFalse(messages.hasInput(5));
                messages.sendRaw(new byte[] {one});
            }
            assertEquals(Vhost.GET_FEATURES, messages.receive().request());
        }
    }

    @Test
    void severalMessagesMayComeTogether() throws Exception {
        try (Messages messages = site.connect()) {
            byte[] one = Bytes.of().u32(Vhost.GET_FEATURES).u32(1).u32(0).array();
            byte[] other = Bytes.of().u32(Vhost.GET_QUEUE_NUM).u32(1).u32(0).array();
            messages.sendRaw(Bytes.of().put(one).put(other).put(one).array());
            assertEquals(Vhost.GET_FEATURES, messages.receive().request());
            assertEquals(4, messages.receive().u64());
            assertEquals(Vhost.GET_FEATURES, messages.receive().request());
        }
    }
}
