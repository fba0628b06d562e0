package io.diskport.core.io;

import io.diskport.api.BlockIOException;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.RequestFlags;
import java.nio.ByteBuffer;

/**
 * Requests that do not fit a node's alignment, done through a bounce buffer: blocks of which only a
 * part is written are read, changed and written back while their range is locked.
 *
 * <p>The node's last block may be shorter than the others; a request that ends at the node's length
 * is aligned.
 */
final class UnalignedIo {
    private final BlockNode node;
    private final RangeLocks ranges;
    private final Bounce bounces = new Bounce();

    UnalignedIo(BlockNode node, RangeLocks ranges) {
        this.node = node;
        this.ranges = ranges;
    }

    void read(BlockLimits limits, long offset, ByteBuffer destination) throws BlockIOException {
        ByteBuffer bounce = bounces.take();
        try {
            int chunk = chunk(limits);
            long position = offset;
            long end = offset + destination.remaining();
            while (position < end) {
                long start = down(position, limits);
                long stop = Math.min(up(end, limits), start + chunk);
                bounce.clear().limit((int) (stop - start));
                node.read(start, bounce);
                int from = (int) (position - start);
                int count = (int) (Math.min(end, stop) - position);
                bounce.limit(from + count).position(from);
                destination.put(bounce);
                position += count;
            }
        } finally {
            bounces.give(bounce);
        }
    }

    void write(BlockLimits limits, long offset, int flags, ByteBuffer source)
            throws BlockIOException {
        long end = offset + source.remaining();
        ByteBuffer bounce = bounces.take();
        int limit = source.limit();
        RangeLocks.Range range;
        try {
            range = lock(limits, offset, end);
        } catch (BlockIOException e) {
            bounces.give(bounce);
            throw e;
        }
        try {
            int chunk = chunk(limits);
            long position = offset;
            while (position < end) {
                long start = down(position, limits);
                long stop = Math.min(up(end, limits), start + chunk);
                int from = (int) (position - start);
                int count = (int) (Math.min(end, stop) - position);
                readEdges(limits, bounce, start, stop, position, position + count);
                bounce.limit(from + count).position(from);
                source.limit(source.position() + count);
                bounce.put(source);
                source.limit(limit);
                bounce.limit((int) (stop - start)).position(0);
                node.write(start, flags, bounce);
                position += count;
            }
        } finally {
            source.limit(limit);
            bounces.give(bounce);
            ranges.end(range);
        }
    }

    /** Whole blocks that only lie wrong in memory need not be kept apart from each other. */
    private RangeLocks.Range lock(BlockLimits limits, long offset, long end)
            throws BlockIOException {
        long start = down(offset, limits);
        long stop = up(end, limits);
        return start == offset && stop == end
                ? ranges.shared(start, stop)
                : ranges.exclusive(start, stop);
    }

    void writeZeroes(BlockLimits limits, long offset, long length, int flags)
            throws BlockIOException {
        long end = offset + length;
        long start = upTo(offset, end, limits);
        long stop = Math.max(start, end == node.length() ? end : down(end, limits));
        zeroPart(limits, offset, start, flags);
        if (start < stop) {
            RangeLocks.Range range = ranges.shared(start, stop);
            try {
                node.writeZeroes(start, stop - start, flags);
            } finally {
                ranges.end(range);
            }
        }
        zeroPart(limits, stop, end, flags);
    }

    private void zeroPart(BlockLimits limits, long start, long end, int flags)
            throws BlockIOException {
        if (start < end) {
            write(
                    limits,
                    start,
                    flags & RequestFlags.FUA,
                    ByteBuffer.allocate((int) (end - start)));
        }
    }

    /** Fills the blocks of the bounce buffer that the write covers only in part. */
    private void readEdges(
            BlockLimits limits, ByteBuffer bounce, long start, long stop, long from, long to)
            throws BlockIOException {
        int block = limits.requestAlignment();
        long firstEnd = Math.min(stop, start + block);
        if (from > start) {
            readBlock(bounce, start, start, firstEnd);
        }
        long lastStart = down(stop - 1, limits);
        if (to < stop && (lastStart > start || from <= start)) {
            readBlock(bounce, start, lastStart, stop);
        }
        bounce.clear();
    }

    private void readBlock(ByteBuffer bounce, long base, long start, long end)
            throws BlockIOException {
        bounce.clear().limit((int) (end - base)).position((int) (start - base));
        node.read(start, bounce);
    }

    private static int chunk(BlockLimits limits) {
        int chunk = Math.min(Bounce.LENGTH, limits.maximumLength());
        return Math.max(chunk & -limits.requestAlignment(), limits.requestAlignment());
    }

    private static long down(long position, BlockLimits limits) {
        return position & -(long) limits.requestAlignment();
    }

    private long up(long position, BlockLimits limits) {
        long mask = limits.requestAlignment() - 1;
        return Math.min(position + mask & ~mask, Math.max(position, node.length()));
    }

    private static long upTo(long position, long end, BlockLimits limits) {
        long mask = limits.requestAlignment() - 1;
        return Math.min(position + mask & ~mask, end);
    }
}
