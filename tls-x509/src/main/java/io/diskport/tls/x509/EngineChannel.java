package io.diskport.tls.x509;

import io.diskport.support.tls.BlockingTlsChannel;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/**
 * A connection through an engine of the JDK, in blocking mode.
 *
 * <p>Who reads never writes: what the protocol wants to say in answer to what was read (the keys of
 * TLS 1.3 change) goes out with the next write, as RFC 8446, 4.6.3 allows. So a reader does not
 * wait for a peer that does not read. The engine locks itself for the time of a record only.
 */
final class EngineChannel extends BlockingTlsChannel {
    /** How many records one read or write of the channel below may carry. */
    private static final int RECORDS = 4;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SSLEngine engine;

    /** What came from the peer: between position and limit it waits to be decrypted. */
    private final ByteBuffer received;

    /** The rest of a record that was larger than what its reader asked for. */
    private final ByteBuffer plain;

    private final ByteBuffer sending;
    private boolean ended;
    private boolean renegotiates;
    private String peerIdentity = "";
    private String session = "";

    /** A channel that has yet to do its handshake. */
    EngineChannel(ByteChannel channel, SSLEngine engine) {
        super(channel);
        this.engine = engine;
        SSLSession sizes = engine.getSession();
        this.received = ByteBuffer.allocateDirect(RECORDS * sizes.getPacketBufferSize()).flip();
        this.sending = ByteBuffer.allocateDirect(RECORDS * sizes.getPacketBufferSize());
        // Twice, as some peers send records larger than the standard has them, and JSSE takes them.
        this.plain = ByteBuffer.allocateDirect(2 * sizes.getApplicationBufferSize()).flip();
    }

    /**
     * Agrees with the peer on keys. Called once, before anything else.
     *
     * @param verified whether the peer's certificate is checked, so that its name says who it is
     * @throws IOException saying why not; the channel below is not closed
     */
    void handshake(boolean verified) throws IOException {
        try {
            engine.beginHandshake();
            while (isHandshaking(engine.getHandshakeStatus())) {
                switch (engine.getHandshakeStatus()) {
                    case NEED_WRAP -> sendHandshake();
                    case NEED_TASK -> runTasks();
                    default -> receiveHandshake();
                }
            }
        } catch (SSLException e) {
            sendAlert();
            throw Failures.ofHandshake(e);
        }
        SSLSession agreed = engine.getSession();
        session = agreed.getProtocol() + ' ' + agreed.getCipherSuite();
        renegotiates = !"TLSv1.3".equals(agreed.getProtocol());
        if (verified) {
            peerIdentity = DistinguishedName.ofPeer(agreed);
        }
    }

    private static boolean isHandshaking(HandshakeStatus status) {
        return status != HandshakeStatus.NOT_HANDSHAKING && status != HandshakeStatus.FINISHED;
    }

    private void sendHandshake() throws IOException {
        sending.clear();
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
                && engine.wrap(NOTHING, sending).getStatus() == Status.OK) {
            // Several messages go out as one.
        }
        flush();
    }

    private void receiveHandshake() throws IOException {
        plain.clear();
        SSLEngineResult result = engine.unwrap(received, plain);
        plain.flip();
        if (result.getStatus() == Status.CLOSED
                || result.getStatus() == Status.BUFFER_UNDERFLOW && !fill()) {
            throw new EOFException("The peer ended the connection during the TLS handshake");
        }
    }

    private void runTasks() {
        Runnable task = engine.getDelegatedTask();
        while (task != null) {
            task.run();
            task = engine.getDelegatedTask();
        }
    }

    /** Tells the peer why; what the handshake has sent before is little, so this hardly blocks. */
    private void sendAlert() {
        try {
            sendHandshake();
        } catch (IOException e) {
            // The failure before it is the one that counts.
        }
    }

    @Override
    public String peerIdentity() {
        return peerIdentity;
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
            int start = target.position();
            while (!plain.hasRemaining() && !ended && target.position() == start) {
                decrypt(target);
            }
            if (plain.hasRemaining()) {
                int length = Math.min(plain.remaining(), target.remaining());
                target.put(target.position(), plain, plain.position(), length);
                target.position(target.position() + length);
                plain.position(plain.position() + length);
            }
            return target.position() > start ? target.position() - start : -1;
        } catch (SSLException e) {
            close();
            throw Failures.ofConnection(e);
        } finally {
            reading.unlock();
        }
    }

    /** A step towards data: decrypts a record, or gets more of it. */
    private void decrypt(ByteBuffer target) throws IOException {
        SSLEngineResult result = engine.unwrap(received, target);
        if (result.getStatus() == Status.BUFFER_OVERFLOW) {
            plain.clear();
            result = engine.unwrap(received, plain);
            plain.flip();
        }
        switch (result.getStatus()) {
            case BUFFER_UNDERFLOW -> ended = !fill();
            case CLOSED -> ended = true;
            case BUFFER_OVERFLOW -> throw new SSLException("a record is larger than TLS allows");
            default -> afterHandshake(result.getHandshakeStatus());
        }
    }

    /** TLS 1.3 has messages of its own here. TLS 1.2 has renegotiation only, which is refused. */
    private void afterHandshake(HandshakeStatus status) throws SSLException {
        if (renegotiates && isHandshaking(status)) {
            throw new SSLException("it wants to renegotiate, which is refused");
        }
        if (status == HandshakeStatus.NEED_TASK) {
            runTasks();
        }
    }

    /** Gets more from the channel below; false at its end. */
    private boolean fill() throws IOException {
        received.compact();
        int count;
        try {
            if (!received.hasRemaining()) {
                throw new SSLException("a record is larger than TLS allows");
            }
            count = channel.read(received);
        } finally {
            received.flip();
        }
        if (count < 0 && received.hasRemaining()) {
            throw new EOFException("The peer ended the connection in the middle of a TLS record");
        }
        return count >= 0;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        writing.lock();
        try {
            int length = source.remaining();
            while (source.hasRemaining()) {
                refuseIfClosed();
                encrypt(source);
                flush();
            }
            return length;
        } catch (SSLException e) {
            throw Failures.ofConnection(e);
        } finally {
            writing.unlock();
        }
    }

    private void encrypt(ByteBuffer source) throws IOException {
        sending.clear();
        SSLEngineResult result;
        do {
            result = engine.wrap(source, sending);
            if (result.getStatus() == Status.CLOSED) {
                throw new SSLException("it has ended the connection");
            }
        } while (source.hasRemaining() && result.bytesProduced() > 0);
        if (sending.position() == 0) {
            throw new SSLException("it wants to renegotiate, which is refused");
        }
    }

    private void flush() throws IOException {
        sending.flip();
        while (sending.hasRemaining()) {
            channel.write(sending);
        }
    }

    @Override
    protected void sendFarewell() throws IOException {
        engine.closeOutbound();
        sending.clear();
        while (engine.wrap(NOTHING, sending).bytesProduced() > 0) {
            // An alert, and the notice of the end.
        }
        flush();
    }
}
