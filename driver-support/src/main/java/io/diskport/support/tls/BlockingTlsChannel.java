package io.diskport.support.tls;

import io.diskport.api.object.TlsChannel;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/** A blocking channel with TLS: one reader and one writer at a time, and how it ends. */
public abstract class BlockingTlsChannel implements TlsChannel {
    /** How long a farewell may take that finds the way to the peer full. */
    private static final long FAREWELL_MILLIS = 100;

    /** What carries the records. */
    protected final ByteChannel channel;

    /** Held by who reads. */
    protected final ReentrantLock reading = new ReentrantLock();

    /** Held by who writes. */
    protected final ReentrantLock writing = new ReentrantLock();

    private final AtomicBoolean closed = new AtomicBoolean();

    /** Above a channel that carries the records, and is closed with this one. */
    protected BlockingTlsChannel(ByteChannel channel) {
        this.channel = channel;
    }

    /** Sends the notice of the end; the caller is the only one who writes. */
    protected abstract void sendFarewell() throws IOException;

    /** Fails once this is closed. */
    protected final void refuseIfClosed() throws ClosedChannelException {
        if (closed.get()) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public final boolean isOpen() {
        return !closed.get() && channel.isOpen();
    }

    @Override
    public final void close() throws IOException {
        if (closed.compareAndSet(false, true)) {
            try {
                sayFarewell();
            } finally {
                channel.close();
            }
        }
    }

    /**
     * Says farewell if nobody is writing: a writer may wait for a peer that does not read. That
     * such a peer keeps this from going out is rare, and whether it would cannot be asked; so a
     * thread watches, and closes the channel under it.
     */
    private void sayFarewell() {
        if (!channel.isOpen() || !writing.tryLock()) {
            return;
        }
        Patience patience = new Patience(channel, FAREWELL_MILLIS);
        try {
            sendFarewell();
        } catch (IOException e) {
            // Then there is no farewell.
        } finally {
            patience.end();
            writing.unlock();
        }
    }
}
