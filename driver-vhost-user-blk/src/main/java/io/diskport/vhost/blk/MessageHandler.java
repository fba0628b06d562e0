package io.diskport.vhost.blk;

import io.diskport.natives.NativeDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What each message of a front-end does ("Front-end message types"). Of the thread of messages. */
final class MessageHandler {
    private static final int CONFIG_SPACE = 256;

    private final FrontEnd frontEnd;
    private final Session session;
    private final Device device;
    private final Rings rings;
    private final RingMessages ringMessages;
    private final MessageSocket socket;
    private long protocolFeatures;
    private long status;

    MessageHandler(FrontEnd frontEnd, Session session, Rings rings, MessageSocket socket) {
        this.frontEnd = frontEnd;
        this.session = session;
        this.device = session.device;
        this.rings = rings;
        this.ringMessages = new RingMessages(frontEnd, session, rings);
        this.socket = socket;
    }

    /** Does what a message says, and answers it where it is to be answered. */
    void handle(Message message) throws IOException, Misbehaviour {
        try {
            handleAndReply(message);
        } finally {
            message.closeDescriptors();
        }
    }

    private void handleAndReply(Message message) throws IOException, Misbehaviour {
        boolean done = true;
        switch (message.request()) {
            case VhostUser.GET_FEATURES -> {
                message.payload(0);
                reply(message, device.features());
                return;
            }
            case VhostUser.GET_PROTOCOL_FEATURES -> {
                message.payload(0);
                reply(message, VhostUser.PROTOCOL_FEATURES);
                return;
            }
            case VhostUser.GET_QUEUE_NUM -> {
                message.payload(0);
                reply(message, device.queues());
                return;
            }
            case VhostUser.GET_MAX_MEM_SLOTS -> {
                message.payload(0);
                reply(message, VhostUser.MAX_REGIONS);
                return;
            }
            case VhostUser.GET_STATUS -> {
                message.payload(0);
                reply(message, status);
                return;
            }
            case VhostUser.GET_CONFIG -> {
                getConfig(message);
                return;
            }
            case VhostUser.GET_INFLIGHT_FD -> {
                getInflight(message);
                return;
            }
            case VhostUser.GET_VRING_BASE -> {
                int index = message.payload(Long.BYTES).getInt(0);
                int base = ringMessages.stop(Integer.toUnsignedLong(index));
                socket.prepare(Long.BYTES).putInt(0, index).putInt(Integer.BYTES, base);
                frontEnd.reply(message.request(), Long.BYTES, Poll.NONE);
                return;
            }
            case VhostUser.SET_OWNER -> message.payload(0);
            case VhostUser.RESET_OWNER -> {
                // Without an effect, as the specification wishes: front-ends have sent it in vain.
            }
            case VhostUser.SET_FEATURES -> setFeatures(message.u64());
            case VhostUser.SET_PROTOCOL_FEATURES -> setProtocolFeatures(message.u64());
            case VhostUser.SET_STATUS -> status = message.u64();
            case VhostUser.SET_CONFIG -> done = setConfig(message);
            case VhostUser.SET_BACKEND_REQ_FD -> {
                message.payload(0);
                frontEnd.channel().open(message.takeDescriptor());
            }
            case VhostUser.RESET_DEVICE -> {
                message.payload(0);
                reset();
            }
            default -> done = ringMessages.handle(message);
        }
        if (message.needsReply() && (protocolFeatures & VhostUser.P_REPLY_ACK) != 0) {
            reply(message, done ? 0 : 1);
        } else if (!done && message.request() != VhostUser.SET_CONFIG) {
            throw new Misbehaviour(
                    "request %d is not one that it was offered".formatted(message.request()));
        }
    }

    private void reply(Message message, long value) throws IOException, Misbehaviour {
        socket.prepare(Long.BYTES).putLong(0, value);
        frontEnd.reply(message.request(), Long.BYTES, Poll.NONE);
    }

    private void setFeatures(long features) throws Misbehaviour {
        long unknown = features & ~device.features();
        if (unknown != 0) {
            throw new Misbehaviour(
                    "it takes features 0x%x, which were not offered".formatted(unknown));
        }
        rings.halt();
        session.setFeatures(features);
        if ((features & VhostUser.F_PROTOCOL_FEATURES) == 0) {
            // Who cannot enable rings has them enabled ("Ring states").
            rings.enableAll();
        }
        rings.resume();
        frontEnd.agreed();
    }

    private void setProtocolFeatures(long features) throws Misbehaviour {
        long unknown = features & ~VhostUser.PROTOCOL_FEATURES;
        if (unknown != 0) {
            throw new Misbehaviour(
                    "it takes protocol features 0x%x, which were not offered".formatted(unknown));
        }
        protocolFeatures = features;
        frontEnd.agreed();
    }

    private void reset() throws Misbehaviour {
        rings.halt();
        frontEnd.awaitIdle();
        rings.reset();
        session.setCached(true);
        status = 0;
    }

    private void getConfig(Message message) throws IOException, Misbehaviour {
        ByteBuffer question = message.payload();
        if (question.limit() < VhostUser.CONFIG_HEADER) {
            throw new Misbehaviour("request 24 has a payload of " + question.limit() + " bytes");
        }
        long offset = Integer.toUnsignedLong(question.getInt(0));
        long size = Integer.toUnsignedLong(question.getInt(4));
        int flags = question.getInt(8);
        boolean right =
                offset + size <= CONFIG_SPACE && question.limit() == VhostUser.CONFIG_HEADER + size;
        if (!right) {
            // "An empty payload indicates an error"
            frontEnd.reply(message.request(), 0, Poll.NONE);
            return;
        }
        byte[] config = new byte[CONFIG_SPACE];
        device.putConfig(
                ByteBuffer.wrap(config).order(ByteOrder.LITTLE_ENDIAN), session.isCached());
        ByteBuffer answer = socket.prepare(question.limit());
        answer.putInt((int) offset).putInt((int) size).putInt(flags);
        answer.put(config, (int) offset, (int) size);
        frontEnd.channel()
                .knows(
                        ByteBuffer.wrap(config).order(ByteOrder.LITTLE_ENDIAN).getLong(0)
                                * VirtioBlk.SECTOR);
        frontEnd.reply(message.request(), question.limit(), Poll.NONE);
    }

    /** Only the write cache may be switched. */
    private boolean setConfig(Message message) throws Misbehaviour {
        ByteBuffer payload = message.payload();
        if (payload.limit() < VhostUser.CONFIG_HEADER) {
            throw new Misbehaviour("request 25 has a payload of " + payload.limit() + " bytes");
        }
        if (payload.limit() != VhostUser.CONFIG_HEADER + 1
                || payload.getInt(0) != VirtioBlk.CONFIG_WCE
                || payload.getInt(4) != 1) {
            return false;
        }
        byte value = payload.get(VhostUser.CONFIG_HEADER);
        if (value != 0 && value != 1) {
            return false;
        }
        session.setCached(value == 1);
        return true;
    }

    private void getInflight(Message message) throws IOException, Misbehaviour {
        ByteBuffer question = message.payload(VhostUser.INFLIGHT_SIZE);
        Inflight.Layout wanted =
                new Inflight.Layout(
                        0, 0, question.getShort(16) & 0xffff, question.getShort(18) & 0xffff);
        wanted.check();
        Inflight.Layout made = wanted.made();
        try (NativeDescriptor file = Inflight.create(made)) {
            ByteBuffer answer = socket.prepare(VhostUser.INFLIGHT_SIZE);
            answer.putLong(made.size()).putLong(made.offset());
            answer.putShort((short) made.queues()).putShort((short) made.queueSize());
            frontEnd.reply(message.request(), VhostUser.INFLIGHT_SIZE, file.fd());
        }
    }

    long protocolFeatures() {
        return protocolFeatures;
    }

    long status() {
        return status;
    }

    void restore(long oldProtocolFeatures, long oldStatus) {
        protocolFeatures = oldProtocolFeatures;
        status = oldStatus;
    }
}
