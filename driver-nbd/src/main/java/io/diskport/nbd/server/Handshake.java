package io.diskport.nbd.server;

import io.diskport.api.BlockException;
import io.diskport.nbd.protocol.Nbd;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
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

    private static final int EXPORT_NAME_ZEROES = 124;

    private final Peer peer;
    private final HandshakeState state;
    private final ByteBuffer in;
    private final OptionReplies replies;
    private boolean woken;

    /** What a handshake needs of its connection. */
    interface Peer {
        Transport transport();

        ExportTable exports();

        /** Whether clients have to use TLS before they may do anything else. */
        boolean insistsOnTls();

        boolean offersTls();

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

    private Seat seat;

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
        this.replies = new OptionReplies();
    }

    /** Where the client sits, once it has chosen. */
    Seat seat() {
        return seat;
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
        if (length > MOST_DATA) {
            return tooLong(option, length);
        }
        if (!await(OPTION_HEADER + (int) length)) {
            return Outcome.WOKEN;
        }
        ByteBuffer data = in.slice(at + OPTION_HEADER, (int) length);
        Outcome outcome = perform(option, data);
        if (outcome != Outcome.WOKEN) {
            in.position(at + OPTION_HEADER + (int) length);
            if (option == Nbd.OPT_STARTTLS && peer.tls().isPresent()) {
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
        replies.error(option, Nbd.REP_ERR_TOO_BIG, MOST_DATA + " bytes are the most");
        return answer();
    }

    private Outcome perform(int option, ByteBuffer data) throws IOException {
        if (peer.insistsOnTls() && peer.tls().isEmpty()) {
            if (option == Nbd.OPT_EXPORT_NAME) {
                throw new ProtocolException(
                        "it asks for an export without TLS, which is required here");
            }
            if (option != Nbd.OPT_STARTTLS && option != Nbd.OPT_ABORT) {
                replies.error(option, Nbd.REP_ERR_TLS_REQD, "this server requires TLS");
                return answer();
            }
        }
        return switch (option) {
            case Nbd.OPT_EXPORT_NAME -> exportName(data);
            case Nbd.OPT_ABORT -> abort();
            case Nbd.OPT_LIST -> list(data);
            case Nbd.OPT_STARTTLS -> startTls(data);
            case Nbd.OPT_INFO, Nbd.OPT_GO -> info(option, data);
            case Nbd.OPT_STRUCTURED_REPLY -> structuredReply(data);
            case Nbd.OPT_EXTENDED_HEADERS -> extendedHeaders(data);
            case Nbd.OPT_LIST_META_CONTEXT, Nbd.OPT_SET_META_CONTEXT -> contexts(option, data);
            default -> {
                replies.error(option, Nbd.REP_ERR_UNSUP, "option " + option + " is not known");
                yield answer();
            }
        };
    }

    private Outcome abort() {
        replies.ack(Nbd.OPT_ABORT);
        try {
            answer();
        } catch (IOException e) {
            // It need not stay for the answer.
            return Outcome.LEFT;
        }
        return Outcome.LEFT;
    }

    private Outcome exportName(ByteBuffer data) throws IOException {
        if (state.reply == Reply.EXTENDED) {
            throw new ProtocolException("EXPORT_NAME after extended headers were agreed on");
        }
        String name =
                text(data, data.remaining())
                        .orElseThrow(() -> new ProtocolException("a malformed name of an export"));
        Optional<NbdExport> found = find(name);
        if (woken) {
            return Outcome.WOKEN;
        }
        NbdExport export =
                found.orElseThrow(
                        () -> new ProtocolException("there is no export '" + shown(name) + "'"));
        if (lacksTls(export)) {
            throw new ProtocolException(
                    "export '" + shown(name) + "' is for clients with TLS only");
        }
        try {
            seat = peer.admit(export, agreement(export, name));
        } catch (BlockException e) {
            if (peer.exports().isHeld(export.name())) {
                return exportName(data.position(0));
            }
            throw refused(e);
        }
        ByteBuffer answer = ByteBuffer.allocate(10 + EXPORT_NAME_ZEROES);
        answer.putLong(export.length()).putShort((short) seat.agreement().features());
        answer.position(state.noZeroes ? 10 : answer.capacity());
        return send(answer.flip()) ? Outcome.CHOSEN : lost();
    }

    private static IOException refused(BlockException e) {
        ProtocolException refusal = new ProtocolException(e.getMessage());
        refusal.initCause(e);
        return refusal;
    }

    private Outcome lost() throws IOException {
        throw new IOException("it does not take the answer, and was to be left");
    }

    private Outcome list(ByteBuffer data) throws IOException {
        if (data.hasRemaining()) {
            return invalid(Nbd.OPT_LIST, "LIST takes no data");
        }
        List<NbdExport> exports = peer.exports().list(this::gaveUp);
        if (woken) {
            return Outcome.WOKEN;
        }
        for (NbdExport export : exports) {
            replies.server(export.name(), export.description());
        }
        replies.ack(Nbd.OPT_LIST);
        return answer();
    }

    private Outcome startTls(ByteBuffer data) throws IOException {
        if (data.hasRemaining()) {
            return invalid(Nbd.OPT_STARTTLS, "STARTTLS takes no data");
        }
        if (peer.tls().isPresent()) {
            return invalid(Nbd.OPT_STARTTLS, "TLS is in use already");
        }
        if (!peer.offersTls()) {
            replies.error(Nbd.OPT_STARTTLS, Nbd.REP_ERR_POLICY, "this server has no TLS");
            return answer();
        }
        if (in.remaining() > OPTION_HEADER) {
            throw new ProtocolException("it sent more behind STARTTLS before it had the answer");
        }
        replies.ack(Nbd.OPT_STARTTLS);
        if (answer() == Outcome.WOKEN) {
            return lost();
        }
        state.forget();
        peer.secure();
        return null;
    }

    private Outcome structuredReply(ByteBuffer data) throws IOException {
        if (data.hasRemaining()) {
            return invalid(Nbd.OPT_STRUCTURED_REPLY, "STRUCTURED_REPLY takes no data");
        }
        if (state.reply == Reply.EXTENDED) {
            replies.error(
                    Nbd.OPT_STRUCTURED_REPLY,
                    Nbd.REP_ERR_EXT_HEADER_REQD,
                    "extended headers were agreed on, which include structured replies");
        } else if (state.reply == Reply.STRUCTURED) {
            return invalid(Nbd.OPT_STRUCTURED_REPLY, "structured replies are in use already");
        } else {
            state.reply = Reply.STRUCTURED;
            replies.ack(Nbd.OPT_STRUCTURED_REPLY);
        }
        return answer();
    }

    private Outcome extendedHeaders(ByteBuffer data) throws IOException {
        if (data.hasRemaining()) {
            return invalid(Nbd.OPT_EXTENDED_HEADERS, "EXTENDED_HEADERS takes no data");
        }
        if (state.reply == Reply.EXTENDED) {
            return invalid(Nbd.OPT_EXTENDED_HEADERS, "extended headers are in use already");
        }
        state.reply = Reply.EXTENDED;
        replies.ack(Nbd.OPT_EXTENDED_HEADERS);
        return answer();
    }

    private Outcome info(int option, ByteBuffer data) throws IOException {
        Optional<String> name = name(data);
        if (name.isEmpty() || data.remaining() < 2) {
            return invalid(option, "a malformed name of an export");
        }
        int count = data.getShort() & 0xffff;
        if (data.remaining() != 2 * count) {
            return invalid(option, "the number of information requests does not fit the length");
        }
        Optional<NbdExport> found = find(name.get());
        if (woken) {
            return Outcome.WOKEN;
        }
        if (found.isEmpty()) {
            replies.error(
                    option, Nbd.REP_ERR_UNKNOWN, "there is no export '" + shown(name.get()) + "'");
            return answer();
        }
        NbdExport export = found.get();
        if (lacksTls(export)) {
            replies.error(option, Nbd.REP_ERR_TLS_REQD, "this export requires TLS");
            return answer();
        }
        Agreement agreement = agreement(export, name.get());
        if (option == Nbd.OPT_GO) {
            try {
                seat = peer.admit(export, agreement);
            } catch (BlockException e) {
                if (peer.exports().isHeld(export.name())) {
                    // It was being handed over at this moment.
                    return info(option, data.position(0));
                }
                int error =
                        e.reason() == BlockException.Reason.SHUTTING_DOWN
                                ? Nbd.REP_ERR_SHUTDOWN
                                : Nbd.REP_ERR_POLICY;
                replies.error(option, error, e.getMessage());
                return answer();
            }
        }
        replies.info(option, export, agreement, data);
        replies.ack(option);
        if (option == Nbd.OPT_INFO) {
            return answer();
        }
        return send(replies.take()) ? Outcome.CHOSEN : lost();
    }

    private Outcome contexts(int option, ByteBuffer data) throws IOException {
        if (state.reply == Reply.SIMPLE) {
            return invalid(option, "metadata contexts need structured replies");
        }
        Optional<String> name = name(data);
        if (name.isEmpty() || data.remaining() < Integer.BYTES) {
            return invalid(option, "a malformed name of an export");
        }
        boolean list = option == Nbd.OPT_LIST_META_CONTEXT;
        if (!list) {
            state.contexts = 0;
        }
        Optional<NbdExport> export = find(name.get());
        if (woken) {
            return Outcome.WOKEN;
        }
        if (export.isEmpty()) {
            replies.error(
                    option, Nbd.REP_ERR_UNKNOWN, "there is no export '" + shown(name.get()) + "'");
            return answer();
        }
        if (lacksTls(export.get())) {
            replies.error(option, Nbd.REP_ERR_TLS_REQD, "this export requires TLS");
            return answer();
        }
        Optional<Integer> chosen = query(export.get(), data, list);
        if (chosen.isEmpty()) {
            return invalid(option, "malformed queries for metadata contexts");
        }
        if (!list) {
            state.contexts = chosen.get();
            state.contextsOf = name.get();
        }
        replies.contexts(option, chosen.get(), list);
        replies.ack(option);
        return answer();
    }

    private static Optional<Integer> query(NbdExport export, ByteBuffer data, boolean list) {
        int count = data.getInt();
        int chosen = 0;
        if (count == 0 && list) {
            for (MetaContext context : MetaContext.of(export)) {
                chosen |= context.bit();
            }
        }
        for (int i = 0; i != count; i++) {
            Optional<String> query = name(data);
            if (query.isEmpty()) {
                return Optional.empty();
            }
            for (MetaContext context : MetaContext.matching(export, query.get(), list)) {
                chosen |= context.bit();
            }
        }
        return data.hasRemaining() ? Optional.empty() : Optional.of(chosen);
    }

    private Agreement agreement(NbdExport export, String name) {
        int contexts = name.equals(state.contextsOf) ? state.contexts : 0;
        return new Agreement(state.reply, export.features(state.reply), contexts, peer.tls());
    }

    private boolean lacksTls(NbdExport export) {
        return export.isForTlsOnly() && peer.tls().isEmpty();
    }

    private Optional<NbdExport> find(String name) {
        return peer.exports().find(name, this::gaveUp);
    }

    private boolean gaveUp() {
        woken |= peer.transport().isWoken();
        return woken;
    }

    private Outcome invalid(int option, String message) throws IOException {
        replies.error(option, Nbd.REP_ERR_INVALID, message);
        return answer();
    }

    private Outcome answer() throws IOException {
        return send(replies.take()) ? null : lost();
    }

    /** A string with its length before it; empty if it is malformed. */
    private static Optional<String> name(ByteBuffer data) {
        if (data.remaining() < Integer.BYTES) {
            return Optional.empty();
        }
        return text(data, data.getInt());
    }

    private static Optional<String> text(ByteBuffer data, int length) {
        if (length < 0 || length > Math.min(Nbd.MAX_STRING, data.remaining())) {
            return Optional.empty();
        }
        byte[] bytes = new byte[length];
        data.get(bytes);
        for (byte b : bytes) {
            if (b == 0) {
                return Optional.empty();
            }
        }
        return Optional.of(new String(bytes, StandardCharsets.UTF_8));
    }

    private static String shown(String name) {
        String cut = name.length() > 80 ? name.substring(0, 80) + "..." : name;
        return cut.replaceAll("\\p{Cntrl}", "?");
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
                woken = true;
                return false;
            }
        }
        return true;
    }

    private boolean send(ByteBuffer bytes) throws IOException {
        return peer.transport().send(new ByteBuffer[] {bytes}, 1);
    }
}
