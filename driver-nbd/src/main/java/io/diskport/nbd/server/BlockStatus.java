package io.diskport.nbd.server;

import io.diskport.api.BlockIOException;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.node.Extent;
import io.diskport.nbd.protocol.Nbd;
import java.nio.ByteBuffer;

/**
 * Answers one BLOCK_STATUS request: walks over the node's extents once, and tells them for each
 * metadata context that was agreed on (section "Metadata querying").
 */
final class BlockStatus {
    /** The most extents of one context in one reply; the client asks again for what is behind. */
    static final int MOST_EXTENTS = 2048;

    /** The most extents of the node that are looked at for one reply. */
    private static final int MOST_STEPS = 16 * MOST_EXTENTS;

    private static final int EXTENT_SIZE = 2 * Long.BYTES;

    private final BlockBackend backend;
    private final Reply reply;
    private final Request request;

    BlockStatus(BlockBackend backend, Reply reply, Request request) {
        this.backend = backend;
        this.reply = reply;
        this.request = request;
    }

    /** How large the buffer for a reply has to be. */
    static int size(int contexts) {
        return Integer.bitCount(contexts) * (Reply.MAX_HEADER + MOST_EXTENTS * EXTENT_SIZE);
    }

    /** Puts all chunks of the reply into the request's data. */
    void put() throws BlockIOException {
        Runs allocation = new Runs();
        Runs depth = new Runs();
        boolean one = (request.flags & Nbd.CMD_FLAG_REQ_ONE) != 0;
        long end = request.offset + request.length;
        long at = request.offset;
        int steps = 0;
        while (at < end && steps++ < MOST_STEPS && !allocation.isFull() && !depth.isFull()) {
            Extent extent = backend.status(at, end - at);
            long length = Math.min(extent.length(), end - at);
            boolean more =
                    isWanted(MetaContext.ALLOCATION) && allocation.add(length, state(extent), one);
            more |= isWanted(MetaContext.DEPTH) && depth.add(length, extent.depth(), one);
            at += length;
            if (one && !more) {
                break;
            }
        }
        ByteBuffer out = request.data.clear();
        int left = request.contexts;
        for (MetaContext context : MetaContext.values()) {
            if ((left & context.bit()) != 0) {
                left &= ~context.bit();
                Runs runs = context == MetaContext.ALLOCATION ? allocation : depth;
                put(out, context, runs, left == 0);
            }
        }
        out.flip();
    }

    private boolean isWanted(MetaContext context) {
        return (request.contexts & context.bit()) != 0;
    }

    private static long state(Extent extent) {
        return (extent.hole() ? Nbd.STATE_HOLE : 0) | (extent.zero() ? Nbd.STATE_ZERO : 0);
    }

    private void put(ByteBuffer out, MetaContext context, Runs runs, boolean last) {
        reply.putStatus(out, request.cookie, request.requested, context.id(), runs.count, last);
        for (int i = 0; i < runs.count; i++) {
            if (reply == Reply.EXTENDED) {
                out.putLong(runs.lengths[i]).putLong(runs.states[i]);
            } else {
                out.putInt((int) runs.lengths[i]).putInt((int) runs.states[i]);
            }
        }
    }

    /** Extents of one context, neighbours of the same state joined. */
    private static final class Runs {
        final long[] lengths = new long[MOST_EXTENTS];
        final long[] states = new long[MOST_EXTENTS];
        int count;
        private boolean closed;

        boolean isFull() {
            return count == MOST_EXTENTS;
        }

        /** Adds a run; false if only one is wanted and that is complete. */
        boolean add(long length, long state, boolean one) {
            if (closed) {
                return false;
            }
            if (count > 0 && states[count - 1] == state) {
                lengths[count - 1] += length;
            } else if (count > 0 && one) {
                closed = true;
                return false;
            } else {
                lengths[count] = length;
                states[count] = state;
                count++;
            }
            return true;
        }
    }
}
