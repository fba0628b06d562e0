package io.diskport.file;

import java.nio.ByteBuffer;

/**
 * Direct, aligned memory for what comes in a heap buffer or unaligned; one bounded piece a thread.
 *
 * <p>It is the JDK's object and not one of ours, so that a thread that outlives this bundle does
 * not hold on to its classes.
 */
final class BounceBuffer {
    /** Its length in bytes; larger requests go through it piece by piece. */
    static final int SIZE = 256 * 1024;

    /** As large as any device's blocks. */
    private static final int ALIGNMENT = 64 * 1024;

    private static final ThreadLocal<ByteBuffer> BUFFER =
            ThreadLocal.withInitial(BounceBuffer::allocate);

    private BounceBuffer() {}

    /** This thread's buffer, cleared to the length asked for; at most {@link #SIZE}. */
    static ByteBuffer get(int length) {
        return BUFFER.get().clear().limit(length);
    }

    /** New zeroed memory of the same length and alignment. */
    static ByteBuffer allocate() {
        return ByteBuffer.allocateDirect(SIZE + ALIGNMENT).alignedSlice(ALIGNMENT).slice(0, SIZE);
    }
}
