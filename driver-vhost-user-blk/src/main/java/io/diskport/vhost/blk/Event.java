package io.diskport.vhost.blk;

import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.LibcHost;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeMemory;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A thread's own eventfd, by which others wake it from a {@link Poll}. Any thread signals. */
final class Event implements AutoCloseable {
    /** The number one, which is what is written to eventfds; nobody changes it. */
    private static final ByteBuffer ONE = NativeMemory.allocate(Long.BYTES, Long.BYTES);

    private static final long ONE_ADDRESS = NativeMemory.address(ONE);

    static {
        ONE.putLong(0, 1);
    }

    private final int fd;
    private final ByteBuffer count = NativeMemory.allocate(Long.BYTES, Long.BYTES);
    private final long countAddress = NativeMemory.address(count);
    private boolean closed;

    Event() throws IOException {
        fd = LibcHost.eventfd(0, LibcConstants.EFD_CLOEXEC | LibcConstants.EFD_NONBLOCK);
        if (fd < 0) {
            throw new IOException("no eventfd can be had: " + NativeError.message(fd));
        }
    }

    /** Adds one to somebody's eventfd. */
    static void signal(int eventfd) {
        Libc.write(eventfd, ONE_ADDRESS, Long.BYTES);
    }

    int fd() {
        return fd;
    }

    synchronized void signal() {
        // Once it is closed there is nobody to wake, and the number may be another file's.
        if (!closed) {
            signal(fd);
        }
    }

    /** Forgets the signals so far. Of the thread that is woken. */
    void clear() {
        Libc.read(fd, countAddress, Long.BYTES);
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Libc.close(fd);
        }
    }
}
