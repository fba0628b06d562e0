package io.diskport.tls.psk;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/**
 * A channel that keeps what was read from it.
 *
 * @param channel the one below
 * @param read what came
 */
record Recorded(ByteChannel channel, ByteArrayOutputStream read) implements ByteChannel {
    Recorded(ByteChannel channel) {
        this(channel, new ByteArrayOutputStream());
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int start = target.position();
        int count = channel.read(target);
        for (int i = start; i < target.position(); i++) {
            read.write(target.get(i));
        }
        return count;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return channel.write(source);
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
