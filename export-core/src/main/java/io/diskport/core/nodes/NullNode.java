package io.diskport.core.nodes;

import io.diskport.api.BlockIOException;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.Extent;
import io.diskport.core.io.Waits;
import java.nio.ByteBuffer;

/**
 * Forgets what is written. Reads always give zeroes: a buffer left as it was could hold what
 * another client has read before. That costs little beside the copy a driver makes anyway.
 */
final class NullNode implements BlockNode {
    private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(1 << 16).asReadOnlyBuffer();

    private final NullNodeDriver.Options options;

    NullNode(NullNodeDriver.Options options) {
        this.options = options;
    }

    NullNodeDriver.Options options() {
        return options;
    }

    @Override
    public long length() {
        return options.size().bytes();
    }

    @Override
    public long allocatedLength() {
        return 0;
    }

    @Override
    public BlockLimits limits() {
        return BlockLimits.ANY;
    }

    @Override
    public void read(long offset, ByteBuffer destination) throws BlockIOException {
        delay();
        fill(destination);
    }

    @Override
    public void read(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        delay();
        for (int i = first; i < first + count; i++) {
            fill(destinations[i]);
        }
    }

    @Override
    public void write(long offset, int flags, ByteBuffer source) throws BlockIOException {
        delay();
        source.position(source.limit());
    }

    @Override
    public void write(long offset, int flags, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        delay();
        for (int i = first; i < first + count; i++) {
            sources[i].position(sources[i].limit());
        }
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer destination) throws BlockIOException {
        if (options.latencyNs() > 0) {
            return false;
        }
        fill(destination);
        return true;
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        if (options.latencyNs() > 0) {
            return false;
        }
        read(offset, destinations, first, count);
        return true;
    }

    @Override
    public boolean tryWrite(long offset, int flags, ByteBuffer source) throws BlockIOException {
        if (options.latencyNs() > 0) {
            return false;
        }
        write(offset, flags, source);
        return true;
    }

    @Override
    public boolean tryWrite(long offset, int flags, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        if (options.latencyNs() > 0) {
            return false;
        }
        write(offset, flags, sources, first, count);
        return true;
    }

    @Override
    public void flush() throws BlockIOException {
        delay();
    }

    @Override
    public void discard(long offset, long length, int flags) throws BlockIOException {
        delay();
    }

    @Override
    public void writeZeroes(long offset, long length, int flags) throws BlockIOException {
        delay();
    }

    @Override
    public Extent status(long offset, long length) {
        return options.readZeroes() ? new Extent(length, false, true, 1) : Extent.data(length);
    }

    @Override
    public void preallocate(long offset, long length) {}

    @Override
    public void close() {}

    private void delay() throws BlockIOException {
        if (options.latencyNs() > 0) {
            Waits.sleep(options.latencyNs());
        }
    }

    private static void fill(ByteBuffer destination) {
        while (destination.hasRemaining()) {
            int at = destination.position();
            int count = Math.min(ZEROES.capacity(), destination.remaining());
            destination.put(at, ZEROES, 0, count);
            destination.position(at + count);
        }
    }
}
