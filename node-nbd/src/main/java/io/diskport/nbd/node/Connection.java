package io.diskport.nbd.node;

import io.diskport.nbd.protocol.Nbd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A connection in the transmission phase, for many threads at once.
 *
 * <p>There is no thread that reads. Of the threads that wait for a reply, one has the role of the
 * reader: it reads replies into whatever requests they are for, until its own is answered; then the
 * role goes to another one that waits. With one request at a time nobody is ever woken.
 *
 * <p>A request's buffers are touched only by its own thread and by the reader. So where the
 * connection is lost, each thread first takes the role before it gives up its request: nobody else
 * reads then.
 */
final class Connection {
    private final Negotiated negotiated;
    private final Outbound outbound;
    private final InFlight inFlight = new InFlight();
    private final ReplyReader replies;
    private final AtomicBoolean reading = new AtomicBoolean();
    private final AtomicReference<IOException> failure = new AtomicReference<>();
    private final AtomicInteger load = new AtomicInteger();
    private volatile boolean useful;

    Connection(Negotiated negotiated) {
        this.negotiated = negotiated;
        this.outbound = new Outbound(negotiated.channel());
        this.replies = new ReplyReader(negotiated.inbound(), inFlight, negotiated.export());
    }

    RemoteExport export() {
        return negotiated.export();
    }

    /** What TLS agreed on; empty without it. */
    String tlsSession() {
        return negotiated.tlsSession();
    }

    /** How many requests it has. */
    int load() {
        return load.get();
    }

    /** Whether it ever answered a request. */
    boolean isUseful() {
        return useful;
    }

    /** Why it is no more; null while it lives. */
    IOException failure() {
        return failure.get();
    }

    /**
     * Sends a request and waits for the answer, as long as the server takes.
     *
     * @return false if the connection was lost before the answer
     */
    boolean execute(Request request) {
        load.incrementAndGet();
        request.begin(export().dialect());
        inFlight.add(request);
        try {
            if (failure.get() == null) {
                outbound.send(request);
            }
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            failUnexpectedly(e);
        }
        await(request);
        load.decrementAndGet();
        return !request.isLost();
    }

    private void await(Request request) {
        boolean interrupted = false;
        while (request.isPending()) {
            // before the role is asked for: whoever gives it up looks for those who wait
            request.setWaiting(true);
            if (reading.compareAndSet(false, true)) {
                request.setWaiting(false);
                try {
                    readUntilAnswered(request);
                } finally {
                    reading.set(false);
                }
                inFlight.wakeOne();
            } else if (request.isPending()) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
        }
        request.setWaiting(false);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void readUntilAnswered(Request request) {
        try {
            while (request.isPending()) {
                if (failure.get() != null) {
                    inFlight.remove(request);
                    request.lost();
                    return;
                }
                replies.read();
            }
            if (!useful) {
                useful = true;
            }
            // others are served from what is there before one of them is woken to read
            while (replies.isBuffered()) {
                replies.read();
            }
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // whatever it is, others must not wait for a reader that has left in mid-message
            failUnexpectedly(e);
            if (request.isPending()) {
                inFlight.remove(request);
                request.lost();
            }
        }
    }

    private void failUnexpectedly(Throwable e) {
        fail(e instanceof IOException io ? io : new IOException(e.toString(), e));
    }

    /** Ends the connection; the first reason stays. What is in flight is lost. */
    void fail(IOException reason) {
        if (failure.compareAndSet(null, reason)) {
            close(negotiated.channel());
        }
    }

    /**
     * Tells the server that this is the end, if it listens, and ends the connection. Whoever calls
     * sees to it that somebody calls {@link #fail} should the server not take the message.
     */
    void disconnect(IOException reason) {
        try {
            boolean extended = export().dialect() == Dialect.EXTENDED;
            ByteBuffer message =
                    ByteBuffer.allocateDirect(
                            extended ? Nbd.EXTENDED_REQUEST_SIZE : Nbd.REQUEST_SIZE);
            message.putInt(export().dialect().requestMagic()).putShort((short) 0);
            message.putShort((short) Nbd.CMD_DISC).clear();
            outbound.trySend(message);
        } catch (IOException e) {
            // it is gone already
        }
        fail(reason);
    }

    static void close(Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // closed all the same
        }
    }
}
