package io.diskport.fuse.kernel;

import io.diskport.natives.Libc;
import io.diskport.natives.NativeError;

/** What one thread needs to receive requests, serve them and send the replies. */
final class Worker implements AutoCloseable {
    private final int descriptor;
    private final RequestBuffer request;
    private final Operations operations;
    private final OperationStats stats;
    private final System.Logger log;
    private boolean disconnected;

    /**
     * A worker.
     *
     * @param descriptor where requests come from; a reply goes to where its request came from
     * @param request its own from now on
     */
    Worker(
            int descriptor,
            RequestBuffer request,
            Operations operations,
            OperationStats stats,
            System.Logger log) {
        this.descriptor = descriptor;
        this.request = request;
        this.operations = operations;
        this.stats = stats;
        this.log = log;
    }

    /** Waits for a request; false if it woke without one. */
    boolean receive() {
        long length = Libc.read(descriptor, request.requestAddress(), request.requestRoom());
        if (length > 0) {
            return request.received((int) length);
        }
        // 0 comes from what takes the connection's place when it is cut.
        disconnected =
                length == 0 || length == -NativeError.ENODEV || length == -NativeError.ECONNABORTED;
        // ENOENT: the client gave up before the request could be read.
        if (!disconnected
                && length != -NativeError.EINTR
                && length != -NativeError.EAGAIN
                && length != -NativeError.ENOENT) {
            throw new IllegalStateException(
                    "no request can be received: " + NativeError.message((int) length));
        }
        return false;
    }

    /** Whether no more requests will come. */
    boolean isDisconnected() {
        return disconnected;
    }

    /** Serves the request that was received. It gets its reply, whatever happens. */
    void serve() {
        int opcode = request.opcode();
        long begun = stats.begin(opcode);
        boolean answered = false;
        try {
            operations.serve();
            answered = true;
        } catch (RuntimeException e) {
            log.log(System.Logger.Level.ERROR, "A FUSE request failed unexpectedly", e);
        } finally {
            if (!answered) {
                request.reply(-NativeError.EIO);
            }
            send();
            stats.end(opcode, begun, isFailure(opcode));
        }
    }

    /** An INTERRUPT is refused, whatever it is about. */
    private boolean isFailure(int opcode) {
        return request.error() < 0 && opcode != Protocol.INTERRUPT;
    }

    private void send() {
        int length = request.replyLength();
        if (length == 0) {
            return;
        }
        long sent = Libc.write(descriptor, request.replyAddress(), length);
        // ENOENT: the client gave up. ENODEV: there is nobody any more.
        if (sent < 0 && sent != -NativeError.ENOENT && sent != -NativeError.ENODEV) {
            log.log(
                    System.Logger.Level.ERROR,
                    "The reply to "
                            + Protocol.name(request.opcode())
                            + " was refused: "
                            + NativeError.message((int) sent));
            request.reply(-NativeError.EIO);
            Libc.write(descriptor, request.replyAddress(), request.replyLength());
        }
    }

    @Override
    public void close() {
        request.close();
    }
}
