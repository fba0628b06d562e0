package io.diskport.nbd.node;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.Extent;
import io.diskport.nbd.protocol.Nbd;
import io.diskport.nbd.protocol.NbdUri;
import java.nio.ByteBuffer;

/**
 * The requests of the protocol, one at a time for each caller, and their errors. What is longer
 * than the server takes is done in parts.
 */
final class Commands {
    /** Requests without payload may be long; this is a multiple of every block, in 32 bits. */
    static final int LONGEST = 1 << 30;

    private final NbdUri address;
    private final Connections connections;
    private final int maximum;
    private final RequestPool pool = new RequestPool();

    /**
     * Requests to an export.
     *
     * @param maximum the largest payload
     */
    Commands(NbdUri address, Connections connections, int maximum) {
        this.address = address;
        this.connections = connections;
        this.maximum = maximum;
    }

    /** Reads into a buffer, or writes from one. */
    void transfer(int command, int flags, long offset, ByteBuffer buffer) throws BlockIOException {
        int end = buffer.limit();
        long position = offset;
        try {
            while (buffer.position() < end) {
                int n = Math.min(maximum, end - buffer.position());
                buffer.limit(buffer.position() + n);
                transferPart(command, flags, position, buffer);
                position += n;
            }
        } finally {
            buffer.limit(end);
        }
    }

    private void transferPart(int command, int flags, long offset, ByteBuffer buffer)
            throws BlockIOException {
        Request request = pool.acquire();
        try {
            execute(request.of(command, flags, offset, buffer));
            request.payload().consumed();
        } finally {
            pool.release(request);
        }
    }

    /** Reads into buffers, or writes from them, with one request if that is possible. */
    void transfer(int command, int flags, long offset, ByteBuffer[] buffers, int first, int count)
            throws BlockIOException {
        long total = 0;
        for (int i = first; i < first + count; i++) {
            total += buffers[i].remaining();
        }
        if (total > maximum) {
            long position = offset;
            for (int i = first; i < first + count; i++) {
                int n = buffers[i].remaining();
                transfer(command, flags, position, buffers[i]);
                position += n;
            }
        } else if (total > 0) {
            Request request = pool.acquire();
            try {
                execute(request.of(command, flags, offset, total, buffers, first, count));
                request.payload().consumed();
            } finally {
                pool.release(request);
            }
        }
    }

    /**
     * Does what has no payload, in parts.
     *
     * @param longest how long a part is at the most
     */
    void performInParts(int command, int flags, long offset, long length, int longest)
            throws BlockIOException {
        long done = 0;
        while (done < length) {
            long n = Math.min(longest, length - done);
            perform(command, flags, offset + done, n);
            done += n;
        }
    }

    /** Does what has no payload. */
    void perform(int command, int flags, long offset, long length) throws BlockIOException {
        Request request = pool.acquire();
        try {
            execute(request.of(command, flags, offset, length));
        } finally {
            pool.release(request);
        }
    }

    /** The state of the run at the offset. */
    Extent status(long offset, long length) throws BlockIOException {
        Request request = pool.acquire();
        try {
            execute(request.of(Nbd.CMD_BLOCK_STATUS, Nbd.CMD_FLAG_REQ_ONE, offset, length));
            boolean hole = (request.extentFlags() & Nbd.STATE_HOLE) != 0;
            boolean zero = (request.extentFlags() & Nbd.STATE_ZERO) != 0;
            return new Extent(request.extentLength(), hole, zero, hole ? 0 : 1);
        } finally {
            pool.release(request);
        }
    }

    private void execute(Request request) throws BlockIOException {
        connections.execute(request);
        if (request.error() != 0) {
            Errno errno = NbdErrors.errno(request.error());
            String text = request.errorText();
            throw new BlockIOException(
                    errno,
                    NbdErrors.failed(request, address)
                            + errno.text()
                            + (text.isEmpty() ? "" : " (" + text + ")"));
        }
    }
}
