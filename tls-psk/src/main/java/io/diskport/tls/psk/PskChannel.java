package io.diskport.tls.psk;

import io.diskport.support.tls.BlockingTlsChannel;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.bouncycastle.tls.TlsProtocol;

/**
 * A connection through Bouncy Castle's protocol, which is given and asked for bytes here and never
 * does I/O itself; its own blocking mode has readers write at times, beside a writer and behind it.
 *
 * <p>Who reads never writes: what the protocol wants to say in answer goes out with the next write,
 * or at the end. So a reader does not wait for a peer that does not read. The protocol's lock is
 * held for the time of some records only.
 */
final class PskChannel extends BlockingTlsChannel {
    /** How much is read or encrypted at once: four records. */
    private static final int CHUNK = 1 << 16;

    /** What TLS adds to a chunk, at the most. */
    private static final int OVERHEAD = 4 * 256;

    private final TlsProtocol protocol;
    private final PskPeer peer;

    /** Arrays below, as the protocol takes nothing else. */
    private final ByteBuffer received = ByteBuffer.allocate(CHUNK);

    private final ByteBuffer plain = ByteBuffer.allocate(CHUNK);
    private final ByteBuffer sending = ByteBuffer.allocate(CHUNK + OVERHEAD);

    private boolean begun;
    private String identity = "";
    private String session = "";

    /** The beginning of a handshake, in which this end may have the first word. */
    interface Beginning {
        void begin() throws IOException;
    }

    /**
     * A channel that has yet to do its handshake.
     *
     * @param protocol not yet begun; guards itself while it is used
     */
    PskChannel(ByteChannel channel, TlsProtocol protocol, PskPeer peer) {
        super(channel);
        this.protocol = protocol;
        this.peer = peer;
    }

    /**
     * Agrees with the peer on keys. Called once, before anything else.
     *
     * @throws IOException saying why not; the channel below is not closed
     */
    void handshake(Beginning beginning) throws IOException {
        try {
            beginning.begin();
            flush();
            while (!protocol.isConnected()) {
                if (!fill()) {
                    throw new EOFException("The peer ended the connection in the TLS handshake");
                }
                flush();
            }
        } catch (TlsFatalAlertReceived e) {
            throw peer.explained(e);
        } catch (TlsFatalAlert e) {
            // Tells the peer why; what was sent before is little, so this hardly blocks.
            flushQuietly();
            throw peer.explained(e);
        }
        identity = peer.identity();
        session = peer.session();
    }

    @Override
    public String peerIdentity() {
        return identity;
    }

    @Override
    public String session() {
        return session;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        reading.lock();
        try {
            refuseIfClosed();
            if (!target.hasRemaining()) {
                return 0;
            }
            int count = take(target);
            while (count == 0) {
                count = fill() ? take(target) : -1;
            }
            return count;
        } catch (TlsFatalAlertReceived e) {
            close();
            throw new IOException(
                    "The peer has ended TLS with the alert '"
                            + AlertDescription.getName(e.getAlertDescription())
                            + "'",
                    e);
        } catch (TlsFatalAlert e) {
            close();
            throw new IOException("TLS with the peer failed: " + e.getMessage(), e);
        } finally {
            reading.unlock();
        }
    }

    private int take(ByteBuffer target) {
        synchronized (protocol) {
            return protocol.readInput(target, target.remaining());
        }
    }

    /** Gets more from the channel below and decrypts it; false at the end. */
    private boolean fill() throws IOException {
        synchronized (protocol) {
            if (protocol.isClosed()) {
                return false;
            }
        }
        int count = channel.read(received.clear());
        if (count > 0 && !begun) {
            begun = true;
            // The protocol would wait for the rest of what it takes for a record.
            if (received.get(0) < ContentType.change_cipher_spec
                    || received.get(0) > ContentType.application_data) {
                throw new IOException("The peer does not speak TLS");
            }
        }
        synchronized (protocol) {
            if (count < 0) {
                endOfInput();
                return false;
            }
            if (!protocol.isClosed()) {
                protocol.offerInput(received.array(), 0, count);
            }
            return true;
        }
    }

    private void endOfInput() throws IOException {
        try {
            protocol.closeInput();
        } catch (EOFException e) {
            throw new EOFException("The peer ended the connection in the middle of a TLS record");
        } catch (TlsFatalAlert e) {
            throw new EOFException("The peer ended the connection in the TLS handshake");
        }
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        writing.lock();
        try {
            int length = source.remaining();
            while (source.hasRemaining()) {
                refuseIfClosed();
                int part = Math.min(source.remaining(), CHUNK);
                source.get(plain.array(), 0, part);
                synchronized (protocol) {
                    if (protocol.isClosed()) {
                        throw new IOException("The peer has ended the connection");
                    }
                    protocol.writeApplicationData(plain.array(), 0, part);
                }
                flush();
            }
            return length;
        } finally {
            writing.unlock();
        }
    }

    /** Sends what the protocol has to say; the caller is the only one who writes. */
    private void flush() throws IOException {
        while (encrypted() > 0) {
            while (sending.hasRemaining()) {
                channel.write(sending);
            }
        }
    }

    private int encrypted() {
        synchronized (protocol) {
            int count = Math.min(protocol.getAvailableOutputBytes(), sending.capacity());
            protocol.readOutput(sending.array(), 0, count);
            sending.clear().limit(count);
            return count;
        }
    }

    @Override
    protected void sendFarewell() throws IOException {
        synchronized (protocol) {
            protocol.close();
        }
        flush();
    }

    private void flushQuietly() {
        try {
            flush();
        } catch (IOException e) {
            // The peer is gone, or the channel was closed meanwhile.
        }
    }
}
