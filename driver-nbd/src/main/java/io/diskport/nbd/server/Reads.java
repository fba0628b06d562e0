package io.diskport.nbd.server;

import io.diskport.api.BlockIOException;
import io.diskport.api.export.BlockBackend;
import io.diskport.nbd.protocol.Nbd;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * READ requests: what need not wait is read into the replies that are gathered, in pieces where the
 * client takes chunks; the rest waits elsewhere.
 */
final class Reads {
    private enum Outcome {
        DONE,
        WAITS,
        FAILED
    }

    private final BlockBackend backend;
    private final Reply reply;
    private final Output output;
    private final Later later;
    private final Failures failures;

    Reads(BlockBackend backend, Reply reply, Output output, Later later, Failures failures) {
        this.backend = backend;
        this.reply = reply;
        this.output = output;
        this.later = later;
        this.failures = failures;
    }

    void read(Header request) throws IOException {
        if (request.length == 0) {
            reply.putDone(output.room(), request.cookie, request.requested);
        } else if (isWhole(request)) {
            readWhole(request);
        } else {
            readInChunks(request);
        }
    }

    private boolean isWhole(Header request) {
        return reply == Reply.SIMPLE || request.has(Nbd.CMD_FLAG_DF);
    }

    private void readWhole(Header request) throws IOException {
        int length = (int) request.length;
        if (length > Output.PIECE || read(request, request.offset, length, true) == Outcome.WAITS) {
            later.submit(request, request.offset, length, length);
        }
    }

    private void readInChunks(Header request) throws IOException {
        long at = request.offset;
        long end = at + request.length;
        while (at < end) {
            int piece = (int) Math.min(Output.PIECE, end - at);
            boolean last = at + piece == end;
            Outcome outcome = read(request, at, piece, last);
            if (outcome == Outcome.FAILED) {
                return;
            }
            at += outcome == Outcome.DONE ? piece : 0;
            if (outcome == Outcome.WAITS || !output.sendIfEnough() && !last) {
                later.submit(request, at, end - at, end - at);
                return;
            }
        }
    }

    private Outcome read(Header request, long at, int length, boolean last) throws IOException {
        int header = reply.readHeader();
        if (!output.makeRoom(header + length)) {
            return Outcome.WAITS;
        }
        ByteBuffer out = output.bytes;
        int begin = out.position();
        out.position(begin + header).limit(begin + header + length);
        boolean done;
        try {
            done = backend.tryRead(at, out);
        } catch (BlockIOException | RuntimeException | Error e) {
            out.clear().position(begin);
            Rules.Refusal failure = failures.of(e);
            reply.putError(
                    output.room(),
                    request.cookie,
                    request.requested,
                    failure.error(),
                    failure.message());
            return Outcome.FAILED;
        }
        out.clear().position(begin);
        if (!done) {
            return Outcome.WAITS;
        }
        out.limit(begin + header + length).position(begin + header);
        boolean hole = !isWhole(request) && Zeroes.are(out);
        out.clear().position(begin);
        if (hole) {
            reply.putHole(out, request.cookie, request.requested, at, length, last);
        } else {
            reply.putData(out, request.cookie, request.requested, at, length, last);
            out.position(begin + header + length);
        }
        return Outcome.DONE;
    }
}
