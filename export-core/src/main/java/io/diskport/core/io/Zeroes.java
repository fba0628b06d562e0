package io.diskport.core.io;

import java.nio.ByteBuffer;

/** Tells whether buffers hold nothing but zeroes. */
final class Zeroes {
    private static final int STEP = 1 << 16;
    private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(STEP).asReadOnlyBuffer();

    private Zeroes() {}

    /** Whether what remains of every buffer is zero, and there is something; positions stay. */
    static boolean only(ByteBuffer[] buffers, int first, int count) {
        long length = 0;
        for (int i = first; i < first + count; i++) {
            length += buffers[i].remaining();
            if (buffers[i].hasRemaining() && !only(buffers[i])) {
                return false;
            }
        }
        return length > 0;
    }

    /** Whether what remains of the buffer is zero, and there is something; its position stays. */
    static boolean only(ByteBuffer buffer) {
        int end = buffer.limit();
        // Most data differs from zero in its first byte or its last.
        if (!buffer.hasRemaining()
                || buffer.get(buffer.position()) != 0
                || buffer.get(end - 1) != 0) {
            return false;
        }
        for (int at = buffer.position(); at < end; at += STEP) {
            int length = Math.min(STEP, end - at);
            if (buffer.slice(at, length).mismatch(ZEROES.slice(0, length)) >= 0) {
                return false;
            }
        }
        return true;
    }

    /** Moves the positions of buffers to their limits, as if they had been written. */
    static void consume(ByteBuffer[] buffers, int first, int count) {
        for (int i = first; i < first + count; i++) {
            buffers[i].position(buffers[i].limit());
        }
    }
}
