package io.diskport.core.io;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;

/** Page-aligned direct buffers for requests that do not fit a node's alignment. */
final class Bounce {
    static final int LENGTH = 256 * 1024;
    private static final int PAGE = 4096;

    private final ArrayBlockingQueue<ByteBuffer> spare = new ArrayBlockingQueue<>(8);

    /**
     * An empty buffer of {@link #LENGTH} bytes; give it back.
     *
     * @throws BlockIOException ENOMEM if there is no memory for it
     */
    ByteBuffer take() throws BlockIOException {
        ByteBuffer buffer = spare.poll();
        if (buffer == null) {
            try {
                buffer = ByteBuffer.allocateDirect(LENGTH + PAGE).alignedSlice(PAGE);
            } catch (OutOfMemoryError e) {
                throw new BlockIOException(
                        Errno.ENOMEM, "no memory for a bounce buffer of " + LENGTH + " bytes", e);
            }
        }
        return buffer.clear();
    }

    void give(ByteBuffer buffer) {
        spare.offer(buffer);
    }
}
