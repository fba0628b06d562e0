package io.diskport.nbd.server;

import io.diskport.api.BlockException;
import io.diskport.nbd.protocol.Nbd;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The haggling of one connection, until the client has chosen an export (section "Fixed newstyle
 * negotiation"). An option is taken once all of it is there, so that the connection can be left to
 * somebody else between two of them. One thread.
 */
final class Handshake {
    private static final int OPTION_HEADER = 16;

    /** An option's data that is looked at; there is none that needs more. */
    private static final int MOST_DATA = 16 << 10;

    private final Peer peer;
    private final HandshakeState state;
    private final ByteBuffer in;
    private final HandshakeOptions options;

    /** What a handshake needs of its connection. */
    interface Peer {
        Transport transport();

        ExportTable exports();

        /** Whether clients have to use TLS before they may do anything else. */
        boolean insistsOnTls();

        boolean offersTls();

        /** Whether the connection is to be left or closed, so that nothing is waited for. */
        boolean isLeaving();

        /** Does TLS's handshake; the transport is another one afterwards. */
        Agreement.Tls secure() throws IOException;

        /** Who the client is by TLS. */
        Optional<Agreement.Tls> tls();

        /** Takes the client in. */
        Seat admit(NbdExport export, Agreement agreement) throws BlockException;
    }

    /** How it ended. */
    enum Outcome {
        /** An export was chosen. */
        CHOSEN,
        /** The client wants nothing. */
        LEFT,
        /** It is to be left to somebody else. */
        WOKEN
    }

    /**
     * A handshake that begins, or goes on.
     *
     * @param early bytes that have come before
     */
    Handshake(Peer peer, HandshakeState state, byte[] early) {
        this.peer = peer;
        this.state = state;
        this.in = ByteBuffer.allocate(Math.max(early.length, OPTION_HEADER + MOST_DATA));
        this.in.put(early).flip();
        this.options = new HandshakeOptions(peer, state);
    }

    /** Bytes that have come and were not taken. */
    byte[] rest() {
        byte[] rest = new byte[in.remaining()];
        in.get(rest);
        return rest;
    }

    /**
     * Goes on until the end.
     *
     * @throws IOException if the client does what it must not, or has gone
     */
    Outcome run() throws IOException {
        if (!state.greeted) {
            ByteBuffer greeting =
                    ByteBuffer.allocate(18).putLong(Nbd.MAGIC).putLong(Nbd.OPTS_MAGIC);
            greeting.putShort((short) (Nbd.FLAG_FIXED_NEWSTYLE | Nbd.FLAG_NO_ZEROES)).flip();
            send(greeting);
            state.greeted = true;
        }
        if (!state.flagged && await(Integer.BYTES)) {
            takeFlags();
        }
        Outcome outcome = null;
        while (outcome == null) {
            outcome = await(OPTION_HEADER) ? option() : Outcome.WOKEN;
        }
        return outcome;
    }

    private void takeFlags() throws IOException {
        int flags = in.getInt();
        if ((flags & ~(Nbd.FLAG_FIXED_NEWSTYLE | Nbd.FLAG_NO_ZEROES)) != 0) {
            throw new ProtocolException("flags 0x%x of a client are not known".formatted(flags));
        }
        state.noZeroes = (flags & Nbd.FLAG_NO_ZEROES) != 0;
        state.flagged = true;
    }

    /** Takes one option; null if there may be more. */
    private Outcome option() throws IOException {
        int at = in.position();
        if (in.getLong(at) != Nbd.OPTS_MAGIC) {
            throw new ProtocolException("an option begins with 0x%016x".formatted(in.getLong(at)));
        }
        int option = in.getInt(at + 8);
        long length = in.getInt(at + 12) & 0xffff_ffffL;
        if (option == Nbd.OPT_SET_META_CONTEXT) {
            // Those that were chosen before are not chosen any more, also if this one fails.
            state.contexts = 0;
        }
        if (length > MOST_DATA) {
            return tooLong(option, length);
        }
        if (!await(OPTION_HEADER + (int) length)) {
            return Outcome.WOKEN;
        }
        // Waiting has moved it to the front.
        at = in.position();
        boolean more = in.remaining() > OPTION_HEADER + length;
        ByteBuffer data = in.slice(at + OPTION_HEADER, (int) length);
        boolean inTheClear = peer.tls().isEmpty();
        Outcome outcome = options.perform(option, data, more);
        if (outcome != Outcome.WOKEN) {
            in.position(at + OPTION_HEADER + (int) length);
            if (inTheClear && peer.tls().isPresent()) {
                // Nothing that came in the clear counts behind this point.
                in.position(in.limit());
            }
        }
        return outcome;
    }

    private Outcome tooLong(int option, long length) throws IOException {
        if (option == Nbd.OPT_EXPORT_NAME || length > Nbd.MAX_PAYLOAD) {
            throw new ProtocolException("an option of " + length + " bytes");
        }
        in.position(in.position() + OPTION_HEADER);
        long missing = length;
        while (missing > 0) {
            int there = (int) Math.min(in.remaining(), missing);
            in.position(in.position() + there);
            missing -= there;
            if (missing > 0 && !await(1)) {
                throw new IOException("an option that is too long was to be left incomplete");
            }
        }
        return options.tooLong(option, MOST_DATA);
    }

    /** Waits until so many bytes are there; false if the connection is to be left. */
    private boolean await(int count) throws IOException {
        while (in.remaining() < count) {
            in.compact();
            int received = peer.transport().receive(in, false);
            in.flip();
            if (received == -1) {
                throw new EOFException("it has gone before it chose an export");
            }
            if (received == Transport.WOKEN) {
                return false;
            }
        }
        return true;
    }

    private boolean send(ByteBuffer bytes) throws IOException {
        return peer.transport().send(new ByteBuffer[] {bytes}, 1);
    }
}
