package io.diskport.nbd.server;

import io.diskport.api.object.TlsChannel;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A connection that TLS secures. It blocks, and cannot be left to somebody else: keys do not move.
 */
final class TlsTransport implements Transport {
    private final TlsChannel channel;
    private volatile long waitingSince;
    private volatile long blockedSince;

    TlsTransport(TlsChannel channel) {
        this.channel = channel;
    }

    @Override
    public int receive(ByteBuffer buffer, boolean patient) throws IOException {
        waitingSince = System.nanoTime() | 1;
        PlainTransport.leave();
        try {
            return channel.read(buffer);
        } finally {
            PlainTransport.enter();
            waitingSince = 0;
        }
    }

    @Override
    public boolean sendsWithoutWaiting() {
        return false;
    }

    @Override
    public void trySend(ByteBuffer[] buffers, int count) {}

    @Override
    public boolean send(ByteBuffer[] buffers, int count) throws IOException {
        blockedSince = System.nanoTime() | 1;
        try {
            for (int i = 0; i < count; i++) {
                while (buffers[i].hasRemaining()) {
                    channel.write(buffers[i]);
                }
            }
        } finally {
            blockedSince = 0;
        }
        return true;
    }

    @Override
    public void nudge() {}

    @Override
    public void wake() {
        close();
    }

    /** It is closed instead. */
    @Override
    public boolean isWoken() {
        return false;
    }

    @Override
    public long waitingSince() {
        return waitingSince;
    }

    @Override
    public long blockedSince() {
        return blockedSince;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // It is closed all the same.
            waitingSince = 0;
        }
    }
}
