package io.diskport.it.drivers.hanging;

import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.BlockNode;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;

/** Zeroes; what touches the second half waits for ever, and no interrupt helps. */
final class HangingNode implements BlockNode {
    private static final long LENGTH = 16 << 20;

    @Override
    public long length() {
        return LENGTH;
    }

    @Override
    public BlockLimits limits() {
        return BlockLimits.ANY;
    }

    @Override
    public void read(long offset, ByteBuffer destination) {
        hang(offset + destination.remaining());
        while (destination.hasRemaining()) {
            destination.put((byte) 0);
        }
    }

    @Override
    public void write(long offset, int flags, ByteBuffer source) {
        hang(offset + source.remaining());
        source.position(source.limit());
    }

    @Override
    public void flush() {
        // Nothing is kept.
    }

    @Override
    public void writeZeroes(long offset, long length, int flags) {
        hang(offset + length);
    }

    @Override
    public void close() {
        // Nothing is held.
    }

    private static void hang(long end) {
        while (end > LENGTH / 2) {
            LockSupport.park();
            Thread.interrupted();
        }
    }
}
