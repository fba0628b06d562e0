package io.diskport.nbd.server;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Direct buffers for the payloads of requests that wait, on page boundaries so that O_DIRECT takes
 * them, and how many bytes of them are in use. Any thread.
 */
final class Buffers {
    private static final int PAGE = 4096;
    private static final int SMALLEST = 12;
    private static final int LARGEST = 25;

    /** Kept for later; what is more is left to the garbage collector. */
    private static final long MOST_KEPT = 64L << 20;

    private final long most;
    private final Runnable shortage;
    private final ArrayDeque<ByteBuffer>[] free;
    private long kept;
    private long used;

    /**
     * No buffer yet.
     *
     * @param most how many bytes may be in use, but that everybody may have a little
     * @param shortage sees to it that some come back
     */
    @SuppressWarnings({"unchecked", "rawtypes"}) // there are no arrays of generic types
    Buffers(long most, Runnable shortage) {
        this.most = most;
        this.shortage = shortage;
        this.free = new ArrayDeque[LARGEST + 1];
        for (int i = SMALLEST; i <= LARGEST; i++) {
            free[i] = new ArrayDeque<>();
        }
    }

    /**
     * Takes bytes if there are some left.
     *
     * @param always whether there are some in any case
     */
    synchronized boolean tryAccount(long bytes, boolean always) {
        if (used + bytes > most && !always) {
            return false;
        }
        used += bytes;
        return true;
    }

    synchronized void release(long bytes) {
        used -= bytes;
        notifyAll();
    }

    /** Waits a moment for somebody to give bytes back. */
    synchronized void awaitRelease(long millis) throws InterruptedException {
        if (used > 0) {
            wait(millis);
        }
    }

    /** Somebody has waited for long. */
    void areShort() {
        shortage.run();
    }

    /** How many bytes are in use. */
    synchronized long used() {
        return used;
    }

    /**
     * A buffer whose limit is the length.
     *
     * @throws OutOfMemoryError if there is no memory
     */
    ByteBuffer take(int length) {
        int power = power(length);
        synchronized (this) {
            ByteBuffer buffer = free[power].pollLast();
            if (buffer != null) {
                kept -= buffer.capacity();
                return buffer.clear().limit(length);
            }
        }
        int size = 1 << power;
        return ByteBuffer.allocateDirect(size + PAGE)
                .alignedSlice(PAGE)
                .slice(0, size)
                .limit(length);
    }

    /** How many bytes a buffer of some length takes. */
    static long size(long length) {
        return length == 0 ? 0 : 1L << power((int) length);
    }

    synchronized void give(ByteBuffer buffer) {
        if (kept + buffer.capacity() <= MOST_KEPT) {
            kept += buffer.capacity();
            free[power(buffer.capacity())].addLast(buffer);
        }
    }

    private static int power(int length) {
        return Math.max(SMALLEST, 32 - Integer.numberOfLeadingZeros(Math.max(1, length) - 1));
    }
}
