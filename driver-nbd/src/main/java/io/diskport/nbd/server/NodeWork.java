package io.diskport.nbd.server;

import io.diskport.api.BlockIOException;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.node.RequestFlags;
import io.diskport.nbd.protocol.Nbd;
import java.nio.ByteBuffer;

/** Does requests that may wait, and writes their replies. Any thread. */
final class NodeWork {
    private final BlockBackend backend;
    private final Reply reply;
    private final Failures failures;

    NodeWork(BlockBackend backend, Reply reply, Failures failures) {
        this.backend = backend;
        this.reply = reply;
        this.failures = failures;
    }

    /** Does a request; its head and data are the reply afterwards, ready to be sent. */
    void accept(Request request) {
        try {
            perform(request);
        } catch (BlockIOException | RuntimeException | Error e) {
            failed(request, failures.of(e));
        }
        request.head.flip();
    }

    private void failed(Request request, Rules.Refusal failure) {
        request.head.clear();
        reply.putError(
                request.head,
                request.cookie,
                request.requested,
                failure.error(),
                failure.message());
        noData(request);
    }

    private void perform(Request request) throws BlockIOException {
        switch (request.type) {
            case Nbd.CMD_READ -> {
                read(request);
                return;
            }
            case Nbd.CMD_BLOCK_STATUS -> {
                new BlockStatus(backend, reply, request).put();
                return;
            }
            case Nbd.CMD_WRITE -> write(request);
            case Nbd.CMD_FLUSH -> backend.flush();
            case Nbd.CMD_TRIM -> {
                backend.discard(request.offset, request.length, RequestFlags.NONE);
                if ((request.flags & Nbd.CMD_FLAG_FUA) != 0) {
                    backend.flush();
                }
            }
            case Nbd.CMD_WRITE_ZEROES ->
                    backend.writeZeroes(request.offset, request.length, flags(request.flags));
            case Nbd.CMD_CACHE -> backend.prefetch(request.offset, request.length);
            case Nbd.CMD_RESIZE -> {
                backend.truncate(request.offset);
                if ((request.flags & Nbd.CMD_FLAG_FUA) != 0) {
                    backend.flush();
                }
            }
            default -> throw new IllegalStateException("request type " + request.type);
        }
        reply.putDone(request.head, request.cookie, request.requested);
        noData(request);
    }

    private void write(Request request) throws BlockIOException {
        long begun = System.nanoTime();
        int length = request.data.remaining();
        backend.write(request.offset, flags(request.flags), request.data);
        if (request.timed != null) {
            request.timed.note(System.nanoTime() - begun, length);
        }
    }

    private void read(Request request) throws BlockIOException {
        ByteBuffer data = request.data;
        backend.read(request.offset, data);
        data.flip();
        boolean whole = reply == Reply.SIMPLE || (request.flags & Nbd.CMD_FLAG_DF) != 0;
        int length = data.remaining();
        if (!whole && Zeroes.are(data)) {
            reply.putHole(
                    request.head, request.cookie, request.requested, request.offset, length, true);
            noData(request);
        } else {
            reply.putData(
                    request.head, request.cookie, request.requested, request.offset, length, true);
        }
    }

    /** Nothing follows the head. */
    private static void noData(Request request) {
        if (request.data != null) {
            request.data.position(request.data.limit());
        }
    }

    /** What a request's flags are for a node. */
    private static int flags(int nbd) {
        int flags = RequestFlags.NONE;
        if ((nbd & Nbd.CMD_FLAG_FUA) != 0) {
            flags |= RequestFlags.FUA;
        }
        if ((nbd & Nbd.CMD_FLAG_NO_HOLE) != 0) {
            flags |= RequestFlags.NO_UNMAP;
        }
        if ((nbd & Nbd.CMD_FLAG_FAST_ZERO) != 0) {
            flags |= RequestFlags.NO_FALLBACK;
        }
        return flags;
    }
}
