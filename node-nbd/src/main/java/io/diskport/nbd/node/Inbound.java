package io.diskport.nbd.node;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/** What comes from the server: read ahead into a buffer, large payloads past it. One thread. */
final class Inbound {
    private static final int CAPACITY = 1 << 16;
    private static final int DIRECT_FROM = 1 << 12;

    private final ReadableByteChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(CAPACITY).limit(0);

    Inbound(ReadableByteChannel channel) {
        this.channel = channel;
    }

    /** How many bytes can be had without waiting. */
    int buffered() {
        return buffer.remaining();
    }

    /** The buffer with at least so many bytes from its position on; what is used is taken away. */
    ByteBuffer need(int count) throws IOException {
        if (buffer.remaining() < count) {
            if (!buffer.hasRemaining()) {
                buffer.clear();
            } else {
                buffer.compact();
            }
            try {
                while (buffer.position() < count) {
                    fill(buffer);
                }
            } finally {
                buffer.flip();
            }
        }
        return buffer;
    }

    /** The same, of what is there; null if that is less. */
    ByteBuffer peek(int count) {
        return buffer.remaining() < count ? null : buffer;
    }

    /** Fills the destination to its limit. */
    void read(ByteBuffer destination) throws IOException {
        take(destination);
        while (destination.hasRemaining()) {
            // the JDK would copy into a heap buffer too, and keep a direct one of its size
            if (destination.isDirect() && destination.remaining() >= DIRECT_FROM) {
                fill(destination);
            } else {
                need(1);
                take(destination);
            }
        }
    }

    void skip(long count) throws IOException {
        long left = count;
        while (left > 0) {
            need(1);
            int n = (int) Math.min(left, buffer.remaining());
            buffer.position(buffer.position() + n);
            left -= n;
        }
    }

    private void take(ByteBuffer destination) {
        int n = Math.min(buffer.remaining(), destination.remaining());
        destination.put(destination.position(), buffer, buffer.position(), n);
        buffer.position(buffer.position() + n);
        destination.position(destination.position() + n);
    }

    private void fill(ByteBuffer destination) throws IOException {
        if (channel.read(destination) < 0) {
            throw new EOFException("the server closed the connection");
        }
    }
}
