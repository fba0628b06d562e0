package io.diskport.nbd.node;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.locks.ReentrantLock;

/** What goes to the server: whole messages of any thread, one after the other. */
final class Outbound {
    private static final int STAGING = 1 << 17;
    private static final int COPY_UP_TO = 1 << 13;

    private final WritableByteChannel channel;
    private final ReentrantLock lock = new ReentrantLock();
    private ByteBuffer[] vector = new ByteBuffer[2];
    private ByteBuffer staging;

    Outbound(WritableByteChannel channel) {
        this.channel = channel;
    }

    /** Sends a header and, where the request has one, its payload. */
    void send(Request request) throws IOException {
        lock.lock();
        try {
            ByteBuffer header = request.header();
            Payload payload = request.payload();
            if (!request.sendsPayload()) {
                writeAll(header);
            } else if (channel instanceof GatheringByteChannel gathering
                    && request.length() > COPY_UP_TO
                    && payload.isDirect()) {
                gather(gathering, header, payload);
            } else {
                copy(header, payload);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Sends a header unless another message is stuck on its way. */
    void trySend(ByteBuffer header) throws IOException {
        if (lock.tryLock()) {
            try {
                writeAll(header);
            } finally {
                lock.unlock();
            }
        }
    }

    private void gather(GatheringByteChannel gathering, ByteBuffer header, Payload payload)
            throws IOException {
        int count = payload.count();
        if (vector.length <= count) {
            vector = new ByteBuffer[count + 1];
        }
        vector[0] = header;
        System.arraycopy(payload.buffers(), payload.first(), vector, 1, count);
        try {
            int at = 0;
            while (at <= count) {
                gathering.write(vector, at, count + 1 - at);
                while (at <= count && !vector[at].hasRemaining()) {
                    at++;
                }
            }
        } finally {
            // callers' buffers are not to be kept alive
            for (int i = 0; i <= count; i++) {
                vector[i] = null;
            }
        }
    }

    /** One write where it fits: for TLS one record, for heap buffers the copy the JDK would do. */
    private void copy(ByteBuffer header, Payload payload) throws IOException {
        if (staging == null) {
            staging = ByteBuffer.allocateDirect(STAGING);
        }
        staging.clear().put(header);
        int end = payload.first() + payload.count();
        for (int i = payload.first(); i < end; i++) {
            ByteBuffer source = payload.buffers()[i];
            while (source.hasRemaining()) {
                if (!staging.hasRemaining()) {
                    writeAll(staging.flip());
                    staging.clear();
                }
                int n = Math.min(staging.remaining(), source.remaining());
                staging.put(staging.position(), source, source.position(), n);
                staging.position(staging.position() + n);
                source.position(source.position() + n);
            }
        }
        writeAll(staging.flip());
    }

    private void writeAll(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
