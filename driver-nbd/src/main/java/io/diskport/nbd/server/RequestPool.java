package io.diskport.nbd.server;

import io.diskport.nbd.protocol.Nbd;
import java.nio.ByteBuffer;

/** The requests of one connection that wait, to be used again, and how much memory they take. */
final class RequestPool {
    private static final long MOST = 2L * Nbd.MAX_PAYLOAD;

    /** So much everybody may have, whatever others hold. */
    private static final long SHARE = 1 << 20;

    private final Buffers buffers;
    private Request free;
    private long accounted;

    RequestPool(Buffers buffers) {
        this.buffers = buffers;
    }

    synchronized Request take() {
        Request request = free;
        if (request == null) {
            return new Request();
        }
        free = request.next;
        request.next = null;
        return request;
    }

    /** Takes a request back, with its buffer and its account. */
    void recycle(Request request) {
        if (request.data != null) {
            buffers.give(request.data);
            request.data = null;
        }
        long bytes = request.accounted;
        request.accounted = 0;
        request.timed = null;
        if (bytes > 0) {
            buffers.release(bytes);
        }
        synchronized (this) {
            accounted -= bytes;
            request.next = free;
            free = request;
        }
    }

    /**
     * Takes bytes, of this connection's and of all; a connection that has few always gets some.
     *
     * @param always whether it has to be
     */
    synchronized boolean tryAccount(long bytes, boolean always) {
        boolean share = accounted + bytes <= SHARE;
        boolean granted =
                bytes == 0
                        || (accounted + bytes <= MOST || always)
                                && buffers.tryAccount(bytes, share || always);
        if (granted) {
            accounted += bytes;
        }
        return granted;
    }

    /** Whether more is taken than everybody may have. */
    synchronized boolean holdsMuch() {
        return accounted > SHARE;
    }

    /** It has waited for long. */
    void isShort() {
        buffers.areShort();
    }

    void awaitRelease(long millis) throws InterruptedException {
        buffers.awaitRelease(millis);
    }

    /**
     * A buffer whose limit is the length.
     *
     * @throws OutOfMemoryError if there is no memory
     */
    ByteBuffer buffer(int length) {
        return buffers.take(length);
    }
}
