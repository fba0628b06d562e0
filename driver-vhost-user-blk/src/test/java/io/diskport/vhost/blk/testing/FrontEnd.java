package io.diskport.vhost.blk.testing;

import static io.diskport.vhost.blk.testing.Vhost.bit;

import io.diskport.vhost.blk.testing.Messages.Message;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A front-end without a guest: it says what QEMU says, in its order, and then drives the disk.
 *
 * <p>Its memory and rings live longer than its connection, as a guest's do. {@link #messages} is
 * there for what no front-end would send.
 */
public final class FrontEnd implements AutoCloseable {
    /** Where the queues lie; another region begins at {@link #DATA}. */
    public static final long QUEUES = 0x100000;

    public static final long DATA = 0x1_0000_0000L;

    public final GuestMemory memory = new GuestMemory();
    public final List<Queue> queues = new ArrayList<>();
    public final Setup setup;
    public Messages messages;

    /** What the back-end sends by itself. */
    public Messages backend;

    public long offered;
    public long offeredProtocol;
    public long features;
    public long protocol;
    public byte[] config = {};

    private final Path socket;
    private int inflight = -1;
    private byte[] inflightDescription = {};
    private boolean resumed;

    /** How it is to be. */
    public static final class Setup {
        public int queues = 1;
        public int queueSize = 128;
        public long data = 64 << 20;

        /** What is not taken, though it is offered. */
        public long without;

        /** Protocol features that are taken: QEMU 7.2's. */
        public long protocol = 0xb229;

        /** As QEMU 7.2 asks for it. */
        public int configLength = 57;

        public int firstIndex;
    }

    /** Changes a setup. */
    public interface Change {
        void to(Setup setup);
    }

    private FrontEnd(Path socket, Setup setup) {
        this.socket = socket;
        this.setup = setup;
        memory.add(QUEUES, (long) setup.queues * Queue.LENGTH, 0);
        memory.add(DATA, setup.data, 0x2000);
        for (int i = 0; i < setup.queues; i++) {
            Queue queue = new Queue(memory, i, setup.queueSize, QUEUES + (long) i * Queue.LENGTH);
            queue.startAt(setup.firstIndex);
            queues.add(queue);
        }
    }

    /** Not connected yet. */
    public static FrontEnd of(Path socket, Change change) {
        Setup setup = new Setup();
        change.to(setup);
        return new FrontEnd(socket, setup);
    }

    /** Connected, negotiated and running. */
    public static FrontEnd start(Path socket, Change change) throws IOException {
        FrontEnd frontEnd = of(socket, change);
        try {
            frontEnd.connect();
            frontEnd.negotiate();
            frontEnd.run();
        } catch (IOException | RuntimeException | AssertionError e) {
            frontEnd.close();
            throw e;
        }
        return frontEnd;
    }

    public static FrontEnd start(Path socket) throws IOException {
        return start(socket, setup -> {});
    }

    public void connect() throws IOException {
        messages = Messages.connect(socket);
    }

    /** Agrees on features and reads the configuration. */
    public void negotiate() throws IOException {
        offered = messages.ask(Vhost.GET_FEATURES, new byte[0]).u64();
        features = offered & ~setup.without;
        if (has(Vhost.F_PROTOCOL)) {
            negotiateProtocol();
        }
        messages.send(Vhost.SET_OWNER, new byte[0]);
        messages.ask(Vhost.GET_FEATURES, new byte[0]);
        for (Queue queue : queues) {
            messages.send(Vhost.SET_VRING_CALL, Bytes.u64Of(queue.index), queue.call.fd());
            messages.send(Vhost.SET_VRING_ERR, Bytes.u64Of(queue.index), queue.error.fd());
        }
        if (hasProtocol(Vhost.P_CONFIG)) {
            config = readConfig(0, setup.configLength);
        }
    }

    private void negotiateProtocol() throws IOException {
        offeredProtocol = messages.ask(Vhost.GET_PROTOCOL_FEATURES, new byte[0]).u64();
        protocol = offeredProtocol & setup.protocol;
        messages.send(Vhost.SET_PROTOCOL_FEATURES, Bytes.u64Of(protocol));
        if (hasProtocol(Vhost.P_MQ)) {
            long most = messages.ask(Vhost.GET_QUEUE_NUM, new byte[0]).u64();
            if (most < setup.queues) {
                throw new IOException("there are " + most + " queues only");
            }
        }
        if (hasProtocol(Vhost.P_CONFIGURE_MEM_SLOTS)) {
            messages.ask(Vhost.GET_MAX_MEM_SLOTS, new byte[0]);
        }
        if (hasProtocol(Vhost.P_BACKEND_REQ)) {
            int[] pair = Sys.socketPair();
            if (backend != null) {
                backend.close();
            }
            backend = new Messages(pair[0]);
            tell(Vhost.SET_BACKEND_REQ_FD, new byte[0], pair[1]);
            Sys.close(pair[1]);
        }
    }

    /** Gives the back-end memory and rings, and has it begin. */
    public void run() throws IOException {
        messages.send(Vhost.SET_FEATURES, Bytes.u64Of(features));
        if (hasProtocol(Vhost.P_INFLIGHT_SHMFD)) {
            shareInflight();
        }
        for (Queue queue : queues) {
            messages.send(Vhost.SET_VRING_CALL, Bytes.u64Of(queue.index), queue.call.fd());
        }
        if (hasProtocol(Vhost.P_STATUS)) {
            messages.send(Vhost.SET_STATUS, Bytes.u64Of(0xb));
        }
        messages.send(Vhost.SET_FEATURES, Bytes.u64Of(features));
        shareMemory();
        for (Queue queue : queues) {
            share(queue);
        }
        for (Queue queue : queues) {
            enable(queue, true);
        }
        if (hasProtocol(Vhost.P_STATUS)) {
            messages.send(Vhost.SET_STATUS, Bytes.u64Of(0xf));
        }
        resumed = true;
    }

    private void shareInflight() throws IOException {
        if (inflight < 0) {
            byte[] wanted =
                    Bytes.of().zeroes(16).u16(setup.queues).u16(setup.queueSize).zeroes(4).array();
            Message reply = messages.ask(Vhost.GET_INFLIGHT_FD, wanted);
            inflightDescription = reply.payload();
            inflight = reply.descriptors().get(0);
        }
        messages.send(Vhost.SET_INFLIGHT_FD, inflightDescription, inflight);
    }

    /** Shares all regions, in the newer way if the back-end has it. */
    public void shareMemory() throws IOException {
        if (hasProtocol(Vhost.P_CONFIGURE_MEM_SLOTS)) {
            for (GuestMemory.Region region : memory.regions()) {
                tell(Vhost.ADD_MEM_REG, region.single(), region.fd);
            }
        } else {
            tell(Vhost.SET_MEM_TABLE, memory.table(), memory.descriptors());
        }
    }

    /** Everything of a queue but that it is enabled. */
    public void share(Queue queue) throws IOException {
        messages.send(Vhost.SET_VRING_NUM, pair(queue.index, queue.size));
        messages.send(
                Vhost.SET_VRING_BASE, pair(queue.index, resumed ? queue.base() : setup.firstIndex));
        tell(Vhost.SET_VRING_ADDR, address(queue));
        messages.send(Vhost.SET_VRING_KICK, Bytes.u64Of(queue.index), queue.kick.fd());
    }

    /** The payload of SET_VRING_ADDR. */
    public byte[] address(Queue queue) {
        long user = memory.user(queue.guest);
        return Bytes.of()
                .u32(queue.index)
                .u32(0)
                .u64(user + SplitRing.DESCRIPTORS)
                .u64(user + SplitRing.USED)
                .u64(user + SplitRing.AVAIL)
                .u64(0)
                .array();
    }

    public void enable(Queue queue, boolean on) throws IOException {
        queue.indirect = has(Vhost.F_INDIRECT);
        queue.eventIdx = has(Vhost.F_EVENT_IDX);
        if (has(Vhost.F_PROTOCOL)) {
            tell(Vhost.SET_VRING_ENABLE, pair(queue.index, on ? 1 : 0));
        }
    }

    /** Has the back-end end, with nothing under way. @return where each queue is to go on */
    public int[] stop() throws IOException {
        for (Queue queue : queues) {
            enable(queue, false);
        }
        int[] bases = new int[queues.size()];
        for (Queue queue : queues) {
            byte[] reply = messages.ask(Vhost.GET_VRING_BASE, pair(queue.index, 0)).payload();
            bases[queue.index] = Bytes.getU32(reply, 4);
        }
        return bases;
    }

    /** The connection is lost, and made anew; what is under way stays in the rings. */
    public void reconnect() throws IOException {
        messages.close();
        connect();
        negotiate();
        run();
    }

    /** Sends what is to succeed, and knows of it if the back-end can tell. */
    public void tell(int request, byte[] payload, int... descriptors) throws IOException {
        if (!hasProtocol(Vhost.P_REPLY_ACK)) {
            messages.send(request, payload, descriptors);
            return;
        }
        long result = messages.acknowledged(request, payload, descriptors);
        if (result != 0) {
            throw new IOException("request " + request + " failed: " + result);
        }
    }

    public byte[] readConfig(int offset, int length) throws IOException {
        byte[] question = Bytes.of().u32(offset).u32(length).u32(0).zeroes(length).array();
        byte[] reply = messages.ask(Vhost.GET_CONFIG, question).payload();
        if (reply.length != question.length) {
            throw new IOException("configuration of " + reply.length + " bytes");
        }
        return java.util.Arrays.copyOfRange(reply, 12, reply.length);
    }

    public static byte[] configWrite(int offset, byte... value) {
        return Bytes.of().u32(offset).u32(value.length).u32(0).put(value).array();
    }

    /** A payload of two small numbers. */
    public static byte[] pair(int first, int second) {
        return Bytes.of().u32(first).u32(second).array();
    }

    public boolean has(int feature) {
        return (features & bit(feature)) != 0;
    }

    public boolean hasProtocol(int feature) {
        return (protocol & bit(feature)) != 0;
    }

    public Queue queue() {
        return queues.get(0);
    }

    /** The capacity in bytes, as the configuration has it. */
    public long capacity() {
        return Bytes.getU64(config, 0) * Vhost.SECTOR;
    }

    /** Where inflight requests are kept track of, or less than 0. */
    public int inflight() {
        return inflight;
    }

    public byte[] inflightDescription() {
        return inflightDescription;
    }

    // A disk

    /** Writes bytes to an offset. @return the status */
    public int write(Queue queue, long offset, byte[] bytes) {
        memory.put(DATA, bytes);
        return queue.run(Vhost.OUT, offset / Vhost.SECTOR, new Queue.Segment(DATA, bytes.length));
    }

    /** Reads bytes from an offset, which has to succeed. */
    public byte[] read(Queue queue, long offset, int length) {
        int status = queue.run(Vhost.IN, offset / Vhost.SECTOR, new Queue.Segment(DATA, length));
        if (status != Vhost.OK) {
            throw new AssertionError("read failed with status " + status);
        }
        return memory.get(DATA, length);
    }

    @Override
    public void close() {
        if (messages != null) {
            messages.close();
        }
        if (backend != null) {
            backend.close();
        }
        if (inflight >= 0) {
            Sys.close(inflight);
            inflight = -1;
        }
        queues.forEach(Queue::close);
        memory.close();
    }
}
