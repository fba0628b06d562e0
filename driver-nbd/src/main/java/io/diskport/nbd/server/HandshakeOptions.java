package io.diskport.nbd.server;

import io.diskport.api.BlockException;
import io.diskport.nbd.protocol.Nbd;
import io.diskport.nbd.server.Handshake.Outcome;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** What the options of a handshake do (section "Option types"). One thread. */
final class HandshakeOptions {
    private static final int EXPORT_NAME_ZEROES = 124;

    private final Handshake.Peer peer;
    private final HandshakeState state;
    private final OptionReplies replies = new OptionReplies();
    private boolean woken;

    HandshakeOptions(Handshake.Peer peer, HandshakeState state) {
        this.peer = peer;
        this.state = state;
    }

    /** Answers an option whose data is too long to be looked at. */
    Outcome tooLong(int option, int most) throws IOException {
        if (lacksTls()) {
            replies.error(option, Nbd.REP_ERR_TLS_REQD, "this server requires TLS");
        } else {
            replies.error(option, Nbd.REP_ERR_TOO_BIG, most + " bytes are the most");
        }
        return answer();
    }

    private boolean lacksTls() {
        return peer.insistsOnTls() && peer.tls().isEmpty();
    }

    /**
     * Does one option and answers it.
     *
     * @param more whether more has come behind it
     * @return null if there may be further options
     * @throws IOException if the client is to be dropped
     */
    Outcome perform(int option, ByteBuffer data, boolean more) throws IOException {
        if (lacksTls()) {
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
            case Nbd.OPT_STARTTLS -> startTls(data, more);
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
                OptionData.text(data, data.remaining())
                        .orElseThrow(() -> new ProtocolException("a malformed name of an export"));
        Optional<NbdExport> found = find(name);
        if (woken) {
            return Outcome.WOKEN;
        }
        NbdExport export =
                found.orElseThrow(
                        () ->
                                new ProtocolException(
                                        "there is no export '" + OptionData.shown(name) + "'"));
        if (lacksTls(export)) {
            throw new ProtocolException(
                    "export '" + OptionData.shown(name) + "' is for clients with TLS only");
        }
        Seat seat;
        try {
            seat = peer.admit(export, agreement(export, name));
        } catch (BlockException e) {
            if (peer.exports().isHandedOver(export)) {
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

    private Outcome startTls(ByteBuffer data, boolean more) throws IOException {
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
        if (more) {
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
        Optional<String> name = OptionData.name(data);
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
                    option,
                    Nbd.REP_ERR_UNKNOWN,
                    "there is no export '" + OptionData.shown(name.get()) + "'");
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
                peer.admit(export, agreement);
            } catch (BlockException e) {
                if (peer.exports().isHandedOver(export)) {
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
        Optional<String> name = OptionData.name(data);
        if (name.isEmpty() || data.remaining() < Integer.BYTES) {
            return invalid(option, "a malformed name of an export");
        }
        boolean list = option == Nbd.OPT_LIST_META_CONTEXT;
        Optional<NbdExport> export = find(name.get());
        if (woken) {
            return Outcome.WOKEN;
        }
        if (export.isEmpty()) {
            replies.error(
                    option,
                    Nbd.REP_ERR_UNKNOWN,
                    "there is no export '" + OptionData.shown(name.get()) + "'");
            return answer();
        }
        if (lacksTls(export.get())) {
            replies.error(option, Nbd.REP_ERR_TLS_REQD, "this export requires TLS");
            return answer();
        }
        Optional<Integer> chosen = OptionData.contexts(export.get(), data, list);
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
        woken |= peer.isLeaving();
        return woken;
    }

    private Outcome invalid(int option, String message) throws IOException {
        replies.error(option, Nbd.REP_ERR_INVALID, message);
        return answer();
    }

    private Outcome answer() throws IOException {
        return send(replies.take()) ? null : lost();
    }

    private boolean send(ByteBuffer bytes) throws IOException {
        return peer.transport().send(new ByteBuffer[] {bytes}, 1);
    }
}
