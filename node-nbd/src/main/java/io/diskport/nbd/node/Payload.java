package io.diskport.nbd.node;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The buffers that a request sends, or that its reply fills; used again and again. */
final class Payload {
    private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(1 << 16).asReadOnlyBuffer();
    private static final ByteBuffer[] NONE = {};

    private final ByteBuffer[] single = new ByteBuffer[1];
    private final Coverage covered = new Coverage();
    private ByteBuffer[] buffers = NONE;
    private int first;
    private int count;
    private int[] starts = new int[1];

    void set(ByteBuffer buffer) {
        single[0] = buffer;
        set(single, 0, 1);
    }

    void set(ByteBuffer[] newBuffers, int newFirst, int newCount) {
        buffers = newBuffers;
        first = newFirst;
        count = newCount;
        if (starts.length < count) {
            starts = new int[count];
        }
        for (int i = 0; i < count; i++) {
            starts[i] = buffers[first + i].position();
        }
    }

    /** Forgets the buffers, which are the caller's. */
    void clear() {
        buffers = NONE;
        first = 0;
        count = 0;
        single[0] = null;
    }

    /** Makes it as if nothing had been sent or received. */
    void rewind() {
        for (int i = 0; i < count; i++) {
            buffers[first + i].position(starts[i]);
        }
        covered.clear();
    }

    /** Leaves the positions of the buffers at their limits. */
    void consumed() {
        for (int i = first; i < first + count; i++) {
            buffers[i].position(buffers[i].limit());
        }
    }

    ByteBuffer[] buffers() {
        return buffers;
    }

    int first() {
        return first;
    }

    int count() {
        return count;
    }

    boolean isDirect() {
        for (int i = first; i < first + count; i++) {
            if (!buffers[i].isDirect()) {
                return false;
            }
        }
        return true;
    }

    /** How many bytes have been received. */
    long received() {
        return covered.total();
    }

    /** Fills a part that is in its bounds, which may be done once for each byte. */
    void receive(Inbound inbound, int from, int bytes) throws IOException {
        covered.add(from, from + bytes);
        transfer(inbound, from, bytes);
    }

    /** The same with zeroes. */
    void receiveHole(int from, int bytes) throws IOException {
        covered.add(from, from + bytes);
        transfer(null, from, bytes);
    }

    /** From the server, or zeroes where it is null. */
    private void transfer(Inbound inbound, int from, int bytes) throws IOException {
        int skip = from;
        int left = bytes;
        for (int i = 0; left > 0; i++) {
            ByteBuffer buffer = buffers[first + i];
            int limit = buffer.limit();
            int size = limit - starts[i];
            if (skip >= size) {
                skip -= size;
                continue;
            }
            int n = Math.min(left, size - skip);
            int at = starts[i] + skip;
            buffer.limit(at + n).position(at);
            try {
                if (inbound == null) {
                    fillZero(buffer);
                } else {
                    inbound.read(buffer);
                }
            } finally {
                buffer.limit(limit);
            }
            skip = 0;
            left -= n;
        }
    }

    private static void fillZero(ByteBuffer buffer) {
        while (buffer.hasRemaining()) {
            int n = Math.min(ZEROES.capacity(), buffer.remaining());
            buffer.put(buffer.position(), ZEROES, 0, n);
            buffer.position(buffer.position() + n);
        }
    }
}
