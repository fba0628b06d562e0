package io.diskport.nbd.node;

import io.diskport.api.BlockException.Reason;
import io.diskport.nbd.protocol.Nbd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Asks for options of the handshake and reads the replies (section "Option haggling"). */
final class Options {
    /** More than any reply holds: a string and a few numbers. */
    private static final int LONGEST_REPLY = 2 * Nbd.MAX_STRING;

    private static final int REPLY_HEADER_SIZE = 20;

    private static final int ERROR_BIT = 1 << 31;

    /**
     * A reply.
     *
     * @param type one of REP_
     */
    record Reply(int type, ByteBuffer data) {
        boolean isAcknowledgement() {
            return type == Nbd.REP_ACK;
        }

        boolean isError() {
            return (type & ERROR_BIT) != 0;
        }

        /** What the server says to its refusal, to be put behind a message. */
        private String text() {
            byte[] bytes = new byte[data.remaining()];
            data.duplicate().get(bytes);
            String text = NbdErrors.quoted(bytes);
            return text.isEmpty() ? "" : ": " + text;
        }
    }

    private final WritableByteChannel channel;
    private final Inbound inbound;

    Options(WritableByteChannel channel, Inbound inbound) {
        this.channel = channel;
        this.inbound = inbound;
    }

    void send(int option, byte[] data) throws IOException {
        ByteBuffer message = ByteBuffer.allocate(16 + data.length);
        message.putLong(Nbd.OPTS_MAGIC).putInt(option).putInt(data.length).put(data).flip();
        while (message.hasRemaining()) {
            channel.write(message);
        }
    }

    Reply receive(int option) throws IOException {
        ByteBuffer header = inbound.need(REPLY_HEADER_SIZE);
        long magic = header.getLong();
        int answered = header.getInt();
        int type = header.getInt();
        long length = header.getInt() & 0xffffffffL;
        if (magic != Nbd.REP_MAGIC || answered != option) {
            throw new ProtocolViolation(
                    "option " + option + " is answered with something that is no reply to it");
        }
        if (length > LONGEST_REPLY) {
            throw new ProtocolViolation(
                    "option " + option + " is answered with " + length + " bytes");
        }
        byte[] data = new byte[(int) length];
        inbound.need(data.length).get(data);
        return new Reply(type, ByteBuffer.wrap(data));
    }

    /**
     * Asks for an option that a server may do without.
     *
     * @return whether the server agrees
     */
    boolean agree(int option) throws IOException {
        send(option, new byte[0]);
        Reply reply = receive(option);
        if (reply.isAcknowledgement()) {
            return true;
        }
        if (!reply.isError()) {
            throw unexpected(option, reply);
        }
        checkTls(reply);
        return false;
    }

    static ProtocolViolation unexpected(int option, Reply reply) {
        return new ProtocolViolation(
                "option " + option + " is answered with type " + Integer.toHexString(reply.type()));
    }

    /** Whatever is asked for, a server that insists on TLS says that first. */
    static void checkTls(Reply reply) throws Refusal {
        if (reply.type() == Nbd.REP_ERR_TLS_REQD) {
            throw new Refusal(
                    Reason.DENIED,
                    "the server permits only TLS (option 'tls-creds')" + reply.text());
        }
    }

    /** Why the export cannot be had. */
    static IOException refused(String exportName, Reply reply) throws Refusal {
        checkTls(reply);
        String text = reply.text();
        return switch (reply.type()) {
            case Nbd.REP_ERR_UNKNOWN ->
                    new Refusal(
                            Reason.NOT_FOUND,
                            exportName.isEmpty()
                                    ? "the server has no default export; name one" + text
                                    : "the server has no export '" + exportName + "'" + text);
            case Nbd.REP_ERR_POLICY ->
                    new Refusal(Reason.DENIED, "the server does not permit it" + text);
            case Nbd.REP_ERR_SHUTDOWN -> new IOException("the server is shutting down" + text);
            case Nbd.REP_ERR_EXT_HEADER_REQD, Nbd.REP_ERR_BLOCK_SIZE_REQD ->
                    new Refusal(
                            Reason.UNSUPPORTED, "the server asks for more than it offers" + text);
            default ->
                    new Refusal(
                            Reason.FAILED,
                            "the server refuses it (error "
                                    + (reply.type() & ~ERROR_BIT)
                                    + ")"
                                    + text);
        };
    }
}
