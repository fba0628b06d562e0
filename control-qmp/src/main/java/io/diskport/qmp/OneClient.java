package io.diskport.qmp;

import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** The only client there is: the other end of a connection that the monitor itself made. */
final class OneClient implements Clients {
    private final ByteChannel channel;
    private final String address;
    private final AtomicBoolean taken = new AtomicBoolean();

    OneClient(ByteChannel channel, String address) {
        this.channel = channel;
        this.address = address;
    }

    @Override
    public ByteChannel next() throws IOException {
        if (taken.getAndSet(true)) {
            throw new IOException("the connection is over");
        }
        return channel;
    }

    @Override
    public boolean isOpen() {
        return !taken.get();
    }

    @Override
    public Map<String, String> info() {
        return Map.of("address", address);
    }

    @Override
    public void close() throws IOException {
        if (!taken.getAndSet(true)) {
            channel.close();
        }
    }
}
