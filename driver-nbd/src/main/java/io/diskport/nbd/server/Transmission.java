package io.diskport.nbd.server;

import io.diskport.api.export.BlockBackend;
import io.diskport.nbd.protocol.Nbd;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The transmission phase of one connection: takes requests one after the other and does at once
 * what need not wait; the rest goes to the node's threads (section "Transmission").
 *
 * <p>All that is there is taken by one read, and the replies are gathered until nothing is left to
 * do or enough has come together. A request that does not wait is copied once, between the socket's
 * bytes and the node's, and allocates nothing. One thread.
 */
final class Transmission {
    /** What is refused is read past, up to so much; then the connection is given up. */
    private static final long MOST_REFUSED = 2L * Nbd.MAX_PAYLOAD;

    private final BlockBackend backend;
    private final Reply reply;
    private final Rules rules;
    private final Header request;
    private final Input input;
    private final Output output;
    private final Later later;
    private final Reads reads;
    private final Writes writes;
    private final Pace pace = new Pace();
    private long restOf = NONE;
    private boolean left;
    private long toSkip;

    /** Of a {@link #requested}: it is the request's own. */
    static final long NONE = -1;

    Transmission(
            BlockBackend backend,
            Rules rules,
            Input input,
            Output output,
            Later later,
            Failures failures) {
        this.backend = backend;
        this.reply = rules.reply();
        this.rules = rules;
        this.request = new Header(reply);
        this.input = input;
        this.output = output;
        this.later = later;
        this.reads = new Reads(backend, reply, output, later, failures);
        this.writes = new Writes(backend, reply, input, output, later, failures);
    }

    /**
     * Serves until the client leaves.
     *
     * @param firstRequested what the first request's reply repeats as its offset, or {@link #NONE}
     * @param refused how many bytes of a refused request's payload are still to come before
     * @return false if the connection is to be left to somebody else, see {@link #rest}
     * @throws IOException if the client does what it must not, or has gone without a word
     */
    boolean serve(long firstRequested, long refused) throws IOException {
        restOf = firstRequested;
        toSkip = input.skip(refused);
        int taken = take();
        while (!left && isHere() && input.more(pace.isDeep(), pace.after(taken))) {
            taken = take();
        }
        if (!left) {
            return false;
        }
        later.awaitAll();
        return output.send();
    }

    /** Takes all requests that are there, and says how many. */
    private int take() throws IOException {
        int taken = 0;
        while (!left && isHere() && input.bytes.remaining() >= request.size()) {
            request.read(input.bytes);
            if (restOf != NONE) {
                request.requested = restOf;
                restOf = NONE;
            }
            perform();
            output.sendIfEnough();
            taken++;
        }
        return taken;
    }

    /** Whether the connection is not to be left to somebody else. */
    private boolean isHere() {
        return !input.isWoken() && !output.isLeft();
    }

    private void perform() throws IOException {
        if (request.type == Nbd.CMD_DISC) {
            left = true;
            return;
        }
        Optional<Rules.Refusal> refusal = rules.check(request);
        if (refusal.isEmpty() && isRanged()) {
            refusal = Rules.checkRange(request, backend.length());
        }
        if (refusal.isEmpty()) {
            switch (request.type) {
                case Nbd.CMD_READ -> reads.read(request);
                case Nbd.CMD_WRITE -> refusal = writes.write(request);
                case Nbd.CMD_BLOCK_STATUS -> refusal = status();
                default -> later.submit(request, request.offset, request.length, 0);
            }
        }
        if (refusal.isPresent()) {
            refuse(refusal.get());
        }
    }

    /** Whether offset and length are a range; with a payload, that of a status is inside of it. */
    private boolean isRanged() {
        return switch (request.type) {
            case Nbd.CMD_FLUSH, Nbd.CMD_RESIZE -> false;
            case Nbd.CMD_BLOCK_STATUS -> !request.hasPayload();
            default -> true;
        };
    }

    private void refuse(Rules.Refusal refusal) throws IOException {
        if (request.hasPayload()) {
            if (request.length < 0 || request.length > MOST_REFUSED) {
                throw new ProtocolException(
                        refusal.message()
                                + "; it has a payload of "
                                + Long.toUnsignedString(request.length)
                                + " bytes");
            }
            toSkip = input.skip(request.length);
        }
        reply.putError(
                output.room(),
                request.cookie,
                request.requested,
                refusal.error(),
                refusal.message());
    }

    private Optional<Rules.Refusal> status() throws IOException {
        int contexts = rules.contexts();
        if (request.hasPayload()) {
            while (input.bytes.remaining() < request.length) {
                if (!input.more()) {
                    writes.leave(request);
                    return Optional.empty();
                }
            }
            byte[] payload = input.take((int) request.length);
            request.flags &= ~Nbd.CMD_FLAG_PAYLOAD_LEN;
            Optional<StatusPayload> wanted = StatusPayload.of(payload, contexts);
            if (wanted.isEmpty()) {
                return Optional.of(
                        new Rules.Refusal(Nbd.EINVAL, "a payload that names no agreed context"));
            }
            contexts = wanted.get().contexts();
            request.length = wanted.get().length();
            Optional<Rules.Refusal> outside = Rules.checkRange(request, backend.length());
            if (outside.isPresent()) {
                return outside;
            }
        }
        if (request.length == 0) {
            return Optional.of(new Rules.Refusal(Nbd.EINVAL, "the status of 0 bytes"));
        }
        request.contexts = contexts;
        later.submit(request, request.offset, request.length, BlockStatus.size(contexts));
        return Optional.empty();
    }

    /**
     * Since when a buffer waits for its payload, by System.nanoTime; 0 if none does. Any thread.
     */
    long payloadSince() {
        return writes.payloadSince();
    }

    /** What has come and was not done, for whoever goes on. */
    byte[] rest() {
        if (left) {
            // There were replies that it has not read, and it may still do so.
            ByteBuffer farewell = ByteBuffer.allocate(request.size());
            request.write(farewell, request.offset, request.length);
            return farewell.array();
        }
        byte[] rest = writes.rest();
        return rest.length > 0 ? rest : input.rest();
    }

    /** How many bytes of a refused request's payload come before {@link #rest}. */
    long toSkip() {
        return toSkip;
    }

    /** What the first request of {@link #rest} is the rest of, for its reply. */
    long restOf() {
        return writes.rest().length > 0 ? request.requested : restOf;
    }
}
