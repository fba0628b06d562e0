package io.diskport.nbd.node;

import io.diskport.api.BlockException.Reason;
import io.diskport.api.object.TlsChannel;
import io.diskport.api.object.TlsCredentials;
import io.diskport.nbd.protocol.Nbd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/** The client's side of the newstyle negotiation, from the first byte to the transmission phase. */
final class Handshake {
    private static final long OLDSTYLE_MAGIC = 0x420281861253L;
    private static final int GREETING_SIZE = 18;
    private static final int EXPORT_NAME_REPLY_SIZE = 10;
    private static final int ZEROES_SIZE = 124;
    private static final int MOST_REPLIES = 64;

    private final Peer peer;
    private final byte[] name;
    private ByteChannel channel;
    private Inbound inbound;
    private Options options;
    private String tlsSession = "";
    private Dialect dialect = Dialect.SIMPLE;
    private OptionalInt allocationContext = OptionalInt.empty();
    private BlockSizes blockSizes = BlockSizes.DEFAULT;

    private Handshake(Peer peer, ByteChannel channel) {
        this.peer = peer;
        this.name = peer.address().exportName().getBytes(StandardCharsets.UTF_8);
        use(channel);
    }

    /**
     * Does it, for as long as the server takes.
     *
     * @throws Refusal if the server does not give the export
     * @throws IOException if the connection is lost, or the server does not speak NBD
     */
    static Negotiated run(Peer peer, ByteChannel channel) throws IOException {
        return new Handshake(peer, channel).run();
    }

    private void use(ByteChannel newChannel) {
        channel = newChannel;
        inbound = new Inbound(newChannel);
        options = new Options(newChannel, inbound);
    }

    private Negotiated run() throws IOException {
        int serverFlags = greet();
        boolean fixed = (serverFlags & Nbd.FLAG_FIXED_NEWSTYLE) != 0;
        boolean noZeroes = (serverFlags & Nbd.FLAG_NO_ZEROES) != 0;
        ByteBuffer clientFlags = ByteBuffer.allocate(4);
        clientFlags.putInt(serverFlags & (Nbd.FLAG_FIXED_NEWSTYLE | Nbd.FLAG_NO_ZEROES)).flip();
        while (clientFlags.hasRemaining()) {
            channel.write(clientFlags);
        }
        if (peer.credentials().isPresent()) {
            secure(fixed, peer.credentials().get());
        }
        RemoteExport export = fixed ? haggle() : null;
        if (export == null) {
            export = exportByName(noZeroes);
        }
        return new Negotiated(channel, inbound, export, tlsSession);
    }

    private int greet() throws IOException {
        ByteBuffer greeting = inbound.need(16);
        long magic = greeting.getLong();
        long second = greeting.getLong();
        if (magic != Nbd.MAGIC) {
            throw new Refusal(Reason.FAILED, "what answers there does not speak NBD");
        }
        if (second == OLDSTYLE_MAGIC) {
            throw new Refusal(
                    Reason.UNSUPPORTED, "the server speaks oldstyle NBD, which knows no names");
        }
        if (second != Nbd.OPTS_MAGIC) {
            throw new Refusal(Reason.FAILED, "what answers there does not speak NBD");
        }
        return inbound.need(GREETING_SIZE - 16).getShort() & 0xffff;
    }

    private void secure(boolean fixed, TlsCredentials credentials) throws IOException {
        if (!fixed || !options.agree(Nbd.OPT_STARTTLS)) {
            throw new Refusal(Reason.UNSUPPORTED, "the server does not offer TLS");
        }
        if (inbound.buffered() > 0) {
            // sent by who knows whom before anything was secured
            throw new ProtocolViolation("more follows the acknowledgement of TLS");
        }
        TlsChannel secured;
        try {
            secured = credentials.secure(channel, peer.certificateName());
        } catch (IOException e) {
            throw new IOException("TLS: " + NbdErrors.text(e), e);
        }
        tlsSession = secured.session();
        use(secured);
    }

    /** The export, or null if the server knows only how to export by name. */
    private RemoteExport haggle() throws IOException {
        if (options.agree(Nbd.OPT_EXTENDED_HEADERS)) {
            dialect = Dialect.EXTENDED;
        } else if (options.agree(Nbd.OPT_STRUCTURED_REPLY)) {
            dialect = Dialect.STRUCTURED;
        }
        if (dialect != Dialect.SIMPLE) {
            setMetaContext();
        }
        return go();
    }

    private void setMetaContext() throws IOException {
        byte[] context = Nbd.BASE_ALLOCATION.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer data = ByteBuffer.allocate(12 + name.length + context.length);
        data.putInt(name.length).put(name).putInt(1).putInt(context.length).put(context);
        options.send(Nbd.OPT_SET_META_CONTEXT, data.array());
        for (int i = 0; i < MOST_REPLIES; i++) {
            Options.Reply reply = options.receive(Nbd.OPT_SET_META_CONTEXT);
            if (reply.isAcknowledgement()) {
                return;
            }
            if (reply.isError()) {
                // GO says why the export cannot be had, if that is it
                Options.checkTls(reply);
                allocationContext = OptionalInt.empty();
                return;
            }
            if (reply.type() != Nbd.REP_META_CONTEXT || reply.data().remaining() < 4) {
                throw Options.unexpected(Nbd.OPT_SET_META_CONTEXT, reply);
            }
            int id = reply.data().getInt();
            if (reply.data().equals(ByteBuffer.wrap(context))) {
                allocationContext = OptionalInt.of(id);
            }
        }
        throw new ProtocolViolation("metadata contexts that nobody asked for");
    }

    private RemoteExport go() throws IOException {
        ByteBuffer data = ByteBuffer.allocate(8 + name.length);
        data.putInt(name.length).put(name).putShort((short) 1);
        data.putShort((short) Nbd.INFO_BLOCK_SIZE);
        options.send(Nbd.OPT_GO, data.array());
        RemoteExport export = null;
        for (int i = 0; i < MOST_REPLIES; i++) {
            Options.Reply reply = options.receive(Nbd.OPT_GO);
            if (reply.isAcknowledgement()) {
                if (export == null) {
                    throw new ProtocolViolation("an export is granted without its size");
                }
                // sizes of blocks may have come after it
                return export(export.size(), export.flags());
            }
            if (reply.type() == Nbd.REP_ERR_UNSUP && dialect != Dialect.EXTENDED) {
                return null;
            }
            if (reply.isError()) {
                throw Options.refused(peer.address().exportName(), reply);
            }
            ByteBuffer info = reply.data();
            if (reply.type() != Nbd.REP_INFO || info.remaining() < 2) {
                throw Options.unexpected(Nbd.OPT_GO, reply);
            }
            int type = info.getShort() & 0xffff;
            if (type == Nbd.INFO_EXPORT && info.remaining() == EXPORT_NAME_REPLY_SIZE) {
                export = export(info.getLong(), info.getShort() & 0xffff);
            } else if (type == Nbd.INFO_BLOCK_SIZE) {
                blockSizes = BlockSizes.parse(info);
            }
        }
        throw new ProtocolViolation("more about an export than there is to know");
    }

    private RemoteExport exportByName(boolean noZeroes) throws IOException {
        options.send(Nbd.OPT_EXPORT_NAME, name);
        ByteBuffer reply;
        try {
            reply = inbound.need(EXPORT_NAME_REPLY_SIZE);
        } catch (java.io.EOFException e) {
            Refusal refusal =
                    new Refusal(
                            Reason.NOT_FOUND,
                            "the server closed the connection when it was asked for export '"
                                    + peer.address().exportName()
                                    + "'");
            refusal.initCause(e);
            throw refusal;
        }
        RemoteExport export = export(reply.getLong(), reply.getShort() & 0xffff);
        if (!noZeroes) {
            inbound.skip(ZEROES_SIZE);
        }
        return export;
    }

    private RemoteExport export(long size, int flags) throws ProtocolViolation {
        if (size < 0) {
            throw new ProtocolViolation(
                    "an export of " + Long.toUnsignedString(size) + " bytes is more than 2^63 - 1");
        }
        return new RemoteExport(
                size,
                flags,
                blockSizes.minimum(),
                blockSizes.preferred(),
                blockSizes.maximum(),
                dialect,
                allocationContext);
    }
}
