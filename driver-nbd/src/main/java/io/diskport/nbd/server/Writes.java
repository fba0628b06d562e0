package io.diskport.nbd.server;

import io.diskport.api.BlockIOException;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.node.RequestFlags;
import io.diskport.nbd.protocol.Nbd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * WRITE requests: what need not wait is written straight from the bytes that have come, in parts as
 * it comes; the rest is put together in a buffer of its own and waits elsewhere.
 */
final class Writes {
    /** Parts end on a page. */
    private static final int PAGE = 4096;

    private final BlockBackend backend;
    private final Reply reply;
    private final Input input;
    private final Output output;
    private final Later later;
    private final Failures failures;
    private final WriteGuess guess = new WriteGuess();

    private volatile long payloadSince;

    /** What was left of a request in whose middle the connection was left. */
    private byte[] rest = {};

    Writes(
            BlockBackend backend,
            Reply reply,
            Input input,
            Output output,
            Later later,
            Failures failures) {
        this.backend = backend;
        this.reply = reply;
        this.input = input;
        this.output = output;
        this.later = later;
        this.failures = failures;
    }

    /**
     * Does a request whose payload follows in the input.
     *
     * @return an error, with as much of the payload not taken yet as the request's length says
     */
    Optional<Rules.Refusal> write(Header request) throws IOException {
        if (request.length == 0) {
            done(request);
            return Optional.empty();
        }
        if (request.has(Nbd.CMD_FLAG_FUA)) {
            return later(request);
        }
        try {
            return writeAsItComes(request);
        } catch (BlockIOException | RuntimeException | Error e) {
            return Optional.of(failures.of(e));
        }
    }

    private void done(Header request) throws IOException {
        reply.putDone(output.room(), request.cookie, request.requested);
    }

    private Optional<Rules.Refusal> writeAsItComes(Header request) throws IOException {
        while (request.length > 0) {
            ByteBuffer in = input.bytes;
            int there = (int) Math.min(in.remaining(), request.length);
            int part = there == request.length ? there : wholePages(request.offset, there);
            if (part > 0) {
                if (!tryWrite(request.offset, part)) {
                    return later(request);
                }
                request.offset += part;
                request.length -= part;
            } else if (!input.more()) {
                leave(request);
                return Optional.empty();
            }
        }
        done(request);
        return Optional.empty();
    }

    private static int wholePages(long offset, int there) {
        return (int) Math.max(0, (offset + there & -PAGE) - offset);
    }

    private boolean tryWrite(long offset, int length) throws BlockIOException {
        ByteBuffer in = input.bytes;
        int begin = in.position();
        int end = in.limit();
        in.limit(begin + length);
        boolean done = false;
        try {
            done = backend.tryWrite(offset, RequestFlags.NONE, in) || writeIfFast(offset, length);
        } finally {
            in.limit(end).position(done ? begin + length : begin);
        }
        return done;
    }

    private boolean writeIfFast(long offset, int length) throws BlockIOException {
        if (!guess.areFast()) {
            return false;
        }
        long begun = System.nanoTime();
        backend.write(offset, RequestFlags.NONE, input.bytes);
        guess.note(System.nanoTime() - begun, length);
        return true;
    }

    private Optional<Rules.Refusal> later(Header header) throws IOException {
        Request request = later.request(header, header.length);
        if (request == null) {
            return Optional.of(Later.noMemory(header.length));
        }
        ByteBuffer in = input.bytes;
        ByteBuffer data = request.data;
        int there = Math.min(in.remaining(), data.remaining());
        data.put(0, in, in.position(), there).position(there);
        in.position(in.position() + there);
        boolean whole = false;
        payloadSince = System.nanoTime() | 1;
        try {
            while (data.hasRemaining()) {
                if (!input.more(data)) {
                    leave(header, data.flip());
                    return Optional.empty();
                }
            }
            whole = true;
        } finally {
            payloadSince = 0;
            if (!whole) {
                later.giveUp(request);
            }
        }
        data.flip();
        request.timed = header.has(Nbd.CMD_FLAG_FUA) ? null : guess;
        later.submit(request);
        return Optional.empty();
    }

    /**
     * Since when a buffer waits for its payload, by System.nanoTime; 0 if none does. Any thread.
     */
    long payloadSince() {
        return payloadSince;
    }

    /** Leaves a request of whose payload nothing was taken. */
    void leave(Header request) {
        leave(request, ByteBuffer.allocate(0));
    }

    /** What is left of a request becomes one of its own. */
    private void leave(Header request, ByteBuffer taken) {
        byte[] behind = input.rest();
        ByteBuffer all = ByteBuffer.allocate(request.size() + taken.remaining() + behind.length);
        request.write(all, request.offset, request.length);
        rest = all.put(taken).put(behind).array();
    }

    /** The rest of a request with all that has come after it; empty if none was left. */
    byte[] rest() {
        return rest;
    }
}
