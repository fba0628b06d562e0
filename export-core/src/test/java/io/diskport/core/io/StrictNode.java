package io.diskport.core.io;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.BlockNode;
import java.nio.ByteBuffer;

/** A node in an array that refuses, loudly, whatever is not aligned as its limits say. */
final class StrictNode implements BlockNode {
    private final BlockLimits limits;
    private volatile byte[] bytes;

    StrictNode(int length, int alignment) {
        bytes = new byte[length];
        limits = BlockLimits.ANY.withAlignment(alignment, alignment);
    }

    byte[] content() {
        return bytes.clone();
    }

    @Override
    public long length() {
        return bytes.length;
    }

    @Override
    public BlockLimits limits() {
        return limits;
    }

    @Override
    public void read(long offset, ByteBuffer destination) throws BlockIOException {
        check(offset, destination);
        destination.put(bytes, (int) offset, destination.remaining());
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer destination) throws BlockIOException {
        read(offset, destination);
        return true;
    }

    @Override
    public void write(long offset, int flags, ByteBuffer source) throws BlockIOException {
        check(offset, source);
        int length = source.remaining();
        if (length > limits.requestAlignment()) {
            Thread.onSpinWait();
        }
        source.get(bytes, (int) offset, length);
    }

    @Override
    public boolean tryWrite(long offset, int flags, ByteBuffer source) throws BlockIOException {
        write(offset, flags, source);
        return true;
    }

    @Override
    public void flush() {}

    @Override
    public void writeZeroes(long offset, long length, int flags) throws BlockIOException {
        checkRange(offset, length);
        java.util.Arrays.fill(bytes, (int) offset, (int) (offset + length), (byte) 0);
    }

    @Override
    public void truncate(long length) {
        bytes = java.util.Arrays.copyOf(bytes, (int) length);
    }

    @Override
    public void close() {}

    private void check(long offset, ByteBuffer buffer) throws BlockIOException {
        checkRange(offset, buffer.remaining());
        if (buffer.isDirect()
                && buffer.alignmentOffset(buffer.position(), limits.memoryAlignment()) != 0) {
            throw new BlockIOException(Errno.EINVAL, "the buffer is not aligned");
        }
    }

    private void checkRange(long offset, long length) throws BlockIOException {
        int mask = limits.requestAlignment() - 1;
        boolean aligned =
                (offset & mask) == 0 && ((length & mask) == 0 || offset + length == bytes.length);
        if (!aligned || length <= 0 || offset < 0 || offset + length > bytes.length) {
            throw new BlockIOException(Errno.EINVAL, offset + "+" + length + " of " + bytes.length);
        }
    }
}
