package io.diskport.file;

import io.diskport.natives.Libc;

/**
 * The number of an open file, as long as it is open.
 *
 * <p>Asked for before every system call: a request that hung while the node was closed must not go
 * on with a number that means another file by now.
 */
final class OpenDescriptor {
    private static final int CLOSED = -1;

    private volatile int number;

    OpenDescriptor(int number) {
        this.number = number;
    }

    /** The number; one that no call accepts (EBADF) after close. */
    int fd() {
        return number;
    }

    synchronized void close() {
        int open = number;
        number = CLOSED;
        if (open != CLOSED) {
            Libc.close(open);
        }
    }
}
