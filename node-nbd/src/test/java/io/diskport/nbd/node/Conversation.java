package io.diskport.nbd.node;

import io.diskport.nbd.protocol.Nbd;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

/** The server's side of one connection, as a script of a test leads it. */
final class Conversation {
    /** The number under which it offers base:allocation. */
    static final int CONTEXT = 77;

    /** A request as it came. */
    record Message(int flags, int type, long cookie, long offset, long length, byte[] payload) {}

    /** An option as it came. */
    record Asked(int option, byte[] data) {}

    /** Writes the fields of a message. */
    interface Fields {
        void write(DataOutputStream out) throws IOException;
    }

    private ByteChannel channel;
    private boolean extended;

    Conversation(ByteChannel channel) {
        this.channel = channel;
    }

    byte[] receive(int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException();
            }
        }
        return buffer.array();
    }

    void send(Fields fields) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        fields.write(new DataOutputStream(bytes));
        ByteBuffer buffer = ByteBuffer.wrap(bytes.toByteArray());
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** Waits until the client closes the connection. */
    void awaitEnd() throws IOException {
        while (true) {
            receive(1);
        }
    }

    void greet(int handshakeFlags) throws IOException {
        send(
                out -> {
                    out.writeLong(Nbd.MAGIC);
                    out.writeLong(Nbd.OPTS_MAGIC);
                    out.writeShort(handshakeFlags);
                });
        receive(4);
    }

    Asked option() throws IOException {
        ByteBuffer header = ByteBuffer.wrap(receive(16));
        if (header.getLong() != Nbd.OPTS_MAGIC) {
            throw new AssertionError("no option");
        }
        return new Asked(header.getInt(), receive(header.getInt()));
    }

    void reply(int option, int type, Fields data) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        data.write(new DataOutputStream(bytes));
        send(
                out -> {
                    out.writeLong(Nbd.REP_MAGIC);
                    out.writeInt(option);
                    out.writeInt(type);
                    out.writeInt(bytes.size());
                    bytes.writeTo(out);
                });
    }

    void reply(int option, int type) throws IOException {
        reply(option, type, out -> {});
    }

    /** Secures the connection from now on. */
    void secure(UnaryOperator<ByteChannel> by) {
        channel = by.apply(channel);
    }

    /** Does the whole handshake for an export, up to the given dialect. */
    void negotiate(Dialect best, long size, int flags) throws IOException {
        greet(Nbd.FLAG_FIXED_NEWSTYLE | Nbd.FLAG_NO_ZEROES);
        haggle(best, size, flags);
    }

    /** The same after the greeting. */
    void haggle(Dialect best, long size, int flags) throws IOException {
        while (true) {
            Asked asked = option();
            int option = asked.option();
            if (option == Nbd.OPT_EXTENDED_HEADERS && best == Dialect.EXTENDED) {
                extended = true;
                reply(option, Nbd.REP_ACK);
            } else if (option == Nbd.OPT_STRUCTURED_REPLY && best != Dialect.SIMPLE) {
                reply(option, Nbd.REP_ACK);
            } else if (option == Nbd.OPT_SET_META_CONTEXT) {
                reply(
                        option,
                        Nbd.REP_META_CONTEXT,
                        out -> {
                            out.writeInt(CONTEXT);
                            out.writeBytes(Nbd.BASE_ALLOCATION);
                        });
                reply(option, Nbd.REP_ACK);
            } else if (option == Nbd.OPT_GO) {
                info(size, flags);
                reply(option, Nbd.REP_ACK);
                return;
            } else {
                reply(option, Nbd.REP_ERR_UNSUP);
            }
        }
    }

    void info(long size, int flags) throws IOException {
        reply(
                Nbd.OPT_GO,
                Nbd.REP_INFO,
                out -> {
                    out.writeShort(Nbd.INFO_EXPORT);
                    out.writeLong(size);
                    out.writeShort(flags | Nbd.FLAG_HAS_FLAGS);
                });
    }

    /** The next request; the end of the connection is an exception. */
    Message next() throws IOException {
        int size = extended ? Nbd.EXTENDED_REQUEST_SIZE : Nbd.REQUEST_SIZE;
        ByteBuffer header = ByteBuffer.wrap(receive(size));
        int magic = header.getInt();
        if (magic != (extended ? Nbd.EXTENDED_REQUEST_MAGIC : Nbd.REQUEST_MAGIC)) {
            throw new AssertionError("a request begins with " + Integer.toHexString(magic));
        }
        int flags = header.getShort() & 0xffff;
        int type = header.getShort() & 0xffff;
        long cookie = header.getLong();
        long offset = header.getLong();
        long length = extended ? header.getLong() : header.getInt() & 0xffffffffL;
        boolean sized = (flags & Nbd.CMD_FLAG_PAYLOAD_LEN) != 0;
        if (extended && sized != (type == Nbd.CMD_WRITE)) {
            throw new AssertionError("request " + type + " has flags " + flags);
        }
        byte[] payload = type == Nbd.CMD_WRITE ? receive((int) length) : new byte[0];
        if (type == Nbd.CMD_DISC) {
            throw new EOFException("goodbye");
        }
        return new Message(flags, type, cookie, offset, length, payload);
    }

    void simple(long cookie, int error, byte... data) throws IOException {
        send(
                out -> {
                    out.writeInt(Nbd.SIMPLE_REPLY_MAGIC);
                    out.writeInt(error);
                    out.writeLong(cookie);
                    out.write(data);
                });
    }

    /** A chunk in the dialect agreed on; the last one of its reply if done. */
    void chunk(Message to, int type, boolean done, Fields data) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        data.write(new DataOutputStream(bytes));
        header(to, type, done, to.offset(), bytes.size(), bytes.toByteArray());
    }

    /** The header of a chunk, whatever follows. */
    void header(Message to, int type, boolean done, long offset, long length, byte... data)
            throws IOException {
        send(
                out -> {
                    out.writeInt(extended ? Nbd.EXTENDED_REPLY_MAGIC : Nbd.STRUCTURED_REPLY_MAGIC);
                    out.writeShort(done ? Nbd.REPLY_FLAG_DONE : 0);
                    out.writeShort(type);
                    out.writeLong(to.cookie());
                    if (extended) {
                        out.writeLong(offset);
                        out.writeLong(length);
                    } else {
                        out.writeInt((int) length);
                    }
                    out.write(data);
                });
    }

    void data(Message to, boolean done, long offset, byte... data) throws IOException {
        chunk(
                to,
                Nbd.REPLY_TYPE_OFFSET_DATA,
                done,
                out -> {
                    out.writeLong(offset);
                    out.write(data);
                });
    }

    void hole(Message to, boolean done, long offset, int length) throws IOException {
        chunk(
                to,
                Nbd.REPLY_TYPE_OFFSET_HOLE,
                done,
                out -> {
                    out.writeLong(offset);
                    out.writeInt(length);
                });
    }

    void none(Message to) throws IOException {
        chunk(to, Nbd.REPLY_TYPE_NONE, true, out -> {});
    }

    void error(Message to, boolean done, int error, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        chunk(
                to,
                Nbd.REPLY_TYPE_ERROR,
                done,
                out -> {
                    out.writeInt(error);
                    out.writeShort(bytes.length);
                    out.write(bytes);
                });
    }
}
