package io.diskport.nbd.testing;

import io.diskport.api.object.TlsChannel;
import io.diskport.api.object.TlsCredentials;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Credentials that secure nothing: the client says its name in a line, and from then on all bytes
 * are veiled, so that those in the clear are told from the others.
 */
public final class PassThroughTls implements TlsCredentials {
    static final byte VEIL = 0x5a;

    /** How often it was asked. */
    public final AtomicInteger secured = new AtomicInteger();

    private final Endpoint endpoint;

    public PassThroughTls(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    @Override
    public Endpoint endpoint() {
        return endpoint;
    }

    @Override
    public TlsChannel secure(ByteChannel channel, String peerName) throws IOException {
        secured.incrementAndGet();
        StringBuilder identity = new StringBuilder();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (true) {
            if (channel.read(one.clear()) < 0) {
                throw new IOException("no handshake");
            }
            if (one.get(0) == '\n') {
                return new Veiled(channel, identity.toString());
            }
            identity.append((char) one.get(0));
        }
    }

    private record Veiled(ByteChannel channel, String peerIdentity) implements TlsChannel {
        @Override
        public String session() {
            return "veil";
        }

        @Override
        public int read(ByteBuffer to) throws IOException {
            int begin = to.position();
            int count = channel.read(to);
            for (int i = begin; i < to.position(); i++) {
                to.put(i, (byte) (to.get(i) ^ VEIL));
            }
            return count;
        }

        @Override
        public int write(ByteBuffer from) throws IOException {
            int count = from.remaining();
            ByteBuffer veiled = ByteBuffer.allocate(count);
            while (from.hasRemaining()) {
                veiled.put((byte) (from.get() ^ VEIL));
            }
            veiled.flip();
            while (veiled.hasRemaining()) {
                channel.write(veiled);
            }
            return count;
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
}
