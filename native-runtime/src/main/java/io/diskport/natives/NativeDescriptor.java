package io.diskport.natives;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * An owned file descriptor.
 *
 * <p>The owner sees to it that no call is under way when it closes: a number that was closed may at
 * once mean another file.
 */
public final class NativeDescriptor implements AutoCloseable {
    private static final int CLOSED = -1;

    private final AtomicInteger fd;

    /** Takes over an open descriptor. */
    public NativeDescriptor(int fd) {
        if (fd < 0) {
            throw new IllegalArgumentException("descriptor " + fd);
        }
        this.fd = new AtomicInteger(fd);
    }

    /** The number. @throws IllegalStateException after close or release */
    public int fd() {
        int number = fd.get();
        if (number == CLOSED) {
            throw new IllegalStateException("descriptor is closed");
        }
        return number;
    }

    public boolean isOpen() {
        return fd.get() != CLOSED;
    }

    /** Gives the number away: this object no longer closes it. */
    public int release() {
        int number = fd.getAndSet(CLOSED);
        if (number == CLOSED) {
            throw new IllegalStateException("descriptor is closed");
        }
        return number;
    }

    /** Closes the descriptor; further calls do nothing. */
    @Override
    public void close() {
        int number = fd.getAndSet(CLOSED);
        if (number != CLOSED) {
            Libc.close(number);
        }
    }
}
