package io.diskport.nbd.server;

import java.nio.ByteBuffer;

/**
 * Looks for data that is all zeroes, which need not be sent. To look at the data costs less than to
 * ask the node for its holes, and finds zeroes that are allocated, too.
 */
final class Zeroes {
    private static final int LENGTH = 64 << 10;
    private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(LENGTH);

    private Zeroes() {}

    /** Whether a buffer is all zeroes, from its position to its limit. */
    static boolean are(ByteBuffer data) {
        int begin = data.position();
        int end = data.limit();
        if (end - begin < Long.BYTES || data.getLong(end - Long.BYTES) != 0) {
            return false;
        }
        boolean all = true;
        for (int at = begin; all && at < end; at += LENGTH) {
            int length = Math.min(LENGTH, end - at);
            data.position(at).limit(at + length);
            // Where one is the beginning of the other, the answer is the shorter one's length.
            int mismatch = data.mismatch(ZEROES);
            all = mismatch < 0 || mismatch == length;
        }
        data.limit(end).position(begin);
        return all;
    }
}
