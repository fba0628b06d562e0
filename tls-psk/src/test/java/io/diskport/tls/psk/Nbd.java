package io.diskport.tls.psk;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;

/** As much of NBD as it takes to meet its programs over TLS (its doc/proto.md). */
final class Nbd {
    private static final long MAGIC = 0x4e42444d41474943L;
    private static final long OPTION_MAGIC = 0x49484156454f5054L;
    private static final long REPLY_MAGIC = 0x3e889045565a9L;
    private static final int EXPORT_NAME = 1;
    private static final int ABORT = 2;
    private static final int STARTTLS = 5;
    private static final int GO = 7;
    private static final int ACK = 1;
    private static final int INFO = 3;
    private static final int UNSUPPORTED = 0x80000001;
    private static final int FIXED_NO_ZEROES = 3;

    private Nbd() {}

    /** A client's words until the server has agreed to TLS. */
    static void askForTls(ByteChannel channel) throws IOException {
        ByteBuffer greeting = receive(channel, 18);
        if (greeting.getLong() != MAGIC || greeting.getLong() != OPTION_MAGIC) {
            throw new IOException("No NBD server");
        }
        send(channel, ByteBuffer.allocate(4).putInt(FIXED_NO_ZEROES));
        send(channel, ByteBuffer.allocate(16).putLong(OPTION_MAGIC).putInt(STARTTLS).putInt(0));
        ByteBuffer reply = receive(channel, 20);
        if (reply.getLong() != REPLY_MAGIC || reply.getInt() != STARTTLS || reply.getInt() != ACK) {
            throw new IOException("The server refuses TLS");
        }
    }

    /** A client's question for the size of the default export. */
    static long askForSize(ByteChannel channel) throws IOException {
        send(channel, ByteBuffer.allocate(16).putLong(OPTION_MAGIC).putInt(EXPORT_NAME).putInt(0));
        return receive(channel, 10).getLong();
    }

    /** A server's words until the client has asked for TLS. */
    static void offerTls(ByteChannel channel) throws IOException {
        send(
                channel,
                ByteBuffer.allocate(18)
                        .putLong(MAGIC)
                        .putLong(OPTION_MAGIC)
                        .putShort((short) FIXED_NO_ZEROES));
        receive(channel, 4);
        ByteBuffer option = receive(channel, 16);
        if (option.getLong() != OPTION_MAGIC || option.getInt() != STARTTLS) {
            throw new IOException("The client does not ask for TLS");
        }
        reply(channel, STARTTLS, ACK, ByteBuffer.allocate(0));
    }

    /** Answers what a client asks until it leaves: there is one export of a size. */
    static void serve(ByteChannel channel, long size) throws IOException {
        int asked = 0;
        while (asked != ABORT && asked != GO) {
            ByteBuffer option = receive(channel, 16);
            option.getLong();
            asked = option.getInt();
            receive(channel, option.getInt());
            if (asked == GO) {
                ByteBuffer info = ByteBuffer.allocate(12).putShort((short) 0);
                reply(channel, asked, INFO, info.putLong(size).putShort((short) 1));
            }
            boolean known = asked == GO || asked == ABORT;
            reply(channel, asked, known ? ACK : UNSUPPORTED, ByteBuffer.allocate(0));
        }
        while (channel.read(ByteBuffer.allocate(100)) >= 0) {
            // Nothing is expected but NBD_CMD_DISC.
        }
    }

    private static void reply(ByteChannel channel, int option, int type, ByteBuffer data)
            throws IOException {
        ByteBuffer head = ByteBuffer.allocate(20).putLong(REPLY_MAGIC).putInt(option);
        send(channel, head.putInt(type).putInt(data.capacity()));
        send(channel, data);
    }

    private static void send(ByteChannel channel, ByteBuffer full) throws IOException {
        full.flip();
        while (full.hasRemaining()) {
            channel.write(full);
        }
    }

    private static ByteBuffer receive(ByteChannel channel, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException(
                        "Only " + new String(buffer.array(), StandardCharsets.ISO_8859_1));
            }
        }
        return buffer.flip();
    }
}
