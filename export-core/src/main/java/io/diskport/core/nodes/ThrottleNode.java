package io.diskport.core.nodes;

import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.node.BlockChild;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.ChildListener;
import io.diskport.api.node.Extent;
import io.diskport.api.node.NodeContext;
import io.diskport.api.object.ThrottleGroup;
import io.diskport.core.io.Waits;
import java.nio.ByteBuffer;

/**
 * Lets requests through at the pace of a throttle group: reads, writes and zeroes by requests and
 * bytes, discards by requests only, for they move no bytes.
 *
 * <p>It lends no file, for what goes past it cannot be throttled.
 */
final class ThrottleNode extends FilterNode {
    private volatile ThrottleGroup group;

    private ThrottleNode(BlockChild child, ThrottleGroup group) {
        super(child);
        this.group = group;
    }

    static ThrottleNode open(NodeContext context, ThrottleNodeDriver.Options options)
            throws BlockException {
        ThrottleGroup group = context.object(options.throttleGroup());
        ChildListener listener =
                new ChildListener() {
                    @Override
                    public void lengthChanged(long length) {
                        context.lengthChanged(length);
                    }

                    @Override
                    public void limitsChanged(BlockLimits limits) {
                        context.limitsChanged();
                    }
                };
        return new ThrottleNode(openChild(context, options.file(), listener), group);
    }

    /** At the pace of another group, while no request is in flight. */
    void reopen(ThrottleGroup now) {
        group = now;
    }

    @Override
    public long length() {
        return child.length();
    }

    @Override
    public long allocatedLength() {
        return child.allocatedLength();
    }

    @Override
    public BlockLimits limits() {
        return limits(child.limits(), 0);
    }

    @Override
    public void read(long offset, ByteBuffer destination) throws BlockIOException {
        await(false, destination.remaining());
        child.read(offset, destination);
    }

    @Override
    public void read(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        await(false, remaining(destinations, first, count));
        child.read(offset, destinations, first, count);
    }

    @Override
    public void write(long offset, int flags, ByteBuffer source) throws BlockIOException {
        await(true, source.remaining());
        child.write(offset, flags, source);
    }

    @Override
    public void write(long offset, int flags, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        await(true, remaining(sources, first, count));
        child.write(offset, flags, sources, first, count);
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer destination) throws BlockIOException {
        long length = destination.remaining();
        return group.tryReserve(false, length)
                && done(child.tryRead(offset, destination), false, length);
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        long length = remaining(destinations, first, count);
        return group.tryReserve(false, length)
                && done(child.tryRead(offset, destinations, first, count), false, length);
    }

    @Override
    public boolean tryWrite(long offset, int flags, ByteBuffer source) throws BlockIOException {
        long length = source.remaining();
        return group.tryReserve(true, length)
                && done(child.tryWrite(offset, flags, source), true, length);
    }

    @Override
    public boolean tryWrite(long offset, int flags, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        long length = remaining(sources, first, count);
        return group.tryReserve(true, length)
                && done(child.tryWrite(offset, flags, sources, first, count), true, length);
    }

    @Override
    public void discard(long offset, long length, int flags) throws BlockIOException {
        await(true, 0);
        child.discard(offset, length, flags);
    }

    @Override
    public void writeZeroes(long offset, long length, int flags) throws BlockIOException {
        await(true, length);
        child.writeZeroes(offset, length, flags);
    }

    @Override
    public Extent status(long offset, long length) throws BlockIOException {
        return child.status(offset, length);
    }

    @Override
    public void preallocate(long offset, long length) throws BlockIOException {
        child.preallocate(offset, length);
    }

    @Override
    public void prefetch(long offset, long length) throws BlockIOException {
        child.prefetch(offset, length);
    }

    @Override
    public void truncate(long length) throws BlockIOException {
        child.truncate(length);
    }

    private void await(boolean write, long length) throws BlockIOException {
        long nanos = group.reserve(write, length);
        if (nanos > 0) {
            boolean waited = false;
            try {
                Waits.sleep(nanos);
                waited = true;
            } finally {
                if (!waited) {
                    group.cancel(write, length);
                }
            }
        }
    }

    /** Takes a reservation back that was not used; the request comes again, and reserves again. */
    private boolean done(boolean done, boolean write, long length) {
        if (!done) {
            group.cancel(write, length);
        }
        return done;
    }

    private static long remaining(ByteBuffer[] buffers, int first, int count) {
        long remaining = 0;
        for (int i = first; i < first + count; i++) {
            remaining += buffers[i].remaining();
        }
        return remaining;
    }
}
