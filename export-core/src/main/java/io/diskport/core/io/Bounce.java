package io.diskport.core.io;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;

/** Page-aligned direct buffers for requests that do not fit a node's alignment. */
final class Bounce {
    static final int LENGTH = 256 * 1024;
    private static final int PAGE = 4096;

    private final ArrayBlockingQueue<ByteBuffer> spare = new ArrayBlockingQueue<>(8);

    /** An empty buffer of {@link #LENGTH} bytes; give it back. */
    ByteBuffer take() {
        ByteBuffer buffer = spare.poll();
        if (buffer == null) {
            buffer = ByteBuffer.allocateDirect(LENGTH + PAGE).alignedSlice(PAGE);
        }
        return buffer.clear();
    }

    void give(ByteBuffer buffer) {
        spare.offer(buffer);
    }
}
