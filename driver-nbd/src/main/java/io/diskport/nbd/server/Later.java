package io.diskport.nbd.server;

import io.diskport.nbd.protocol.Nbd;
import io.diskport.support.Lane;
import java.io.IOException;

/** Gives requests that may wait to the node's threads, not more than there is memory for. */
final class Later {
    private static final int MOST_UNFINISHED = 1024;

    /** Meanwhile somebody may leave replies to this thread to send. */
    private static final long WAIT_MILLIS = 10;

    /** After so long a wait for memory, somebody is to look who keeps it. */
    private static final long LONG_WAIT = 1_000_000_000;

    private final Reply reply;
    private final Output output;
    private final Lane<Request> lane;
    private final RequestPool pool;

    Later(Reply reply, Output output, Lane<Request> lane, RequestPool pool) {
        this.reply = reply;
        this.output = output;
        this.lane = lane;
        this.pool = pool;
    }

    /** Has a request, or the rest of one, done with a buffer of some length for its data. */
    void submit(Header header, long offset, long length, long buffer) throws IOException {
        Request request = request(header, buffer);
        if (request == null) {
            Rules.Refusal refusal = noMemory(buffer);
            reply.putError(
                    output.room(),
                    header.cookie,
                    header.requested,
                    refusal.error(),
                    refusal.message());
            return;
        }
        request.offset = offset;
        request.length = length;
        lane.submit(request);
    }

    void submit(Request request) {
        lane.submit(request);
    }

    /** Takes back a request that is not done after all. */
    void giveUp(Request request) {
        pool.recycle(request);
    }

    /** A request with a buffer; waits while too many are unfinished. Null if there is no memory. */
    Request request(Header header, long buffer) throws IOException {
        Request request = pool.take();
        long bytes = Buffers.size(buffer);
        boolean leaves = false;
        long since = 0;
        while (lane.unfinished() >= MOST_UNFINISHED || !pool.tryAccount(bytes, leaves)) {
            // Replies that the node's threads could not send are this thread's to send.
            leaves = !output.send();
            if (leaves) {
                pool.tryAccount(bytes, true);
                break;
            }
            long now = System.nanoTime();
            since = since == 0 ? now : since;
            if (now - since > LONG_WAIT) {
                pool.isShort();
            }
            awaitRoom();
        }
        request.set(header);
        request.accounted = bytes;
        if (buffer > 0) {
            try {
                request.data = pool.buffer((int) buffer);
            } catch (OutOfMemoryError e) {
                pool.recycle(request);
                return null;
            }
        }
        return request;
    }

    private void awaitRoom() {
        try {
            if (lane.unfinished() >= MOST_UNFINISHED) {
                lane.awaitFewer(MOST_UNFINISHED, WAIT_MILLIS);
            } else {
                pool.awaitRelease(WAIT_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static Rules.Refusal noMemory(long bytes) {
        return new Rules.Refusal(Nbd.ENOMEM, "no memory for " + bytes + " bytes");
    }

    /** Waits for all that is unfinished, and sees to its replies. */
    void awaitAll() throws IOException {
        try {
            while (lane.unfinished() > 0 && output.send()) {
                lane.awaitFewer(1, WAIT_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
