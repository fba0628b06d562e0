package io.diskport.file;

import io.diskport.natives.FileLocks;
import io.diskport.natives.FileStatus;
import io.diskport.natives.FileSystemStatus;
import io.diskport.natives.IoVectors;
import io.diskport.natives.Libc;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The number of an open file, and the system calls on it; after close they all say EBADF.
 *
 * <p>A request may still be under way when the node is closed. Its thread may have got the number
 * and not have come to its system call yet, and must not find another file under it. So calls are
 * counted, and the number is given back to the system when nobody is in a call: by close, or by the
 * last call that leaves after it. One that hangs for ever keeps the file open, which the kernel
 * does for it anyway.
 *
 * <p>The count is one atomic number and not a spread one: the kernel counts the users of a file in
 * the same way in the same calls.
 */
final class OpenDescriptor {
    /** No call accepts it. */
    private static final int NONE = -1;

    /** Added to the count of calls by close. */
    private static final int CLOSED = 1 << 30;

    private final AtomicInteger calls = new AtomicInteger();
    private volatile int number;

    OpenDescriptor(int number) {
        this.number = number;
    }

    /** The number, for who sees to it otherwise that it is used while the file is open. */
    int number() {
        return calls.get() >= CLOSED ? NONE : number;
    }

    /** The number for one call, which {@link #leave} has to follow. */
    int enter() {
        return calls.getAndIncrement() >= CLOSED ? NONE : number;
    }

    void leave() {
        if (calls.decrementAndGet() == CLOSED) {
            giveBack();
        }
    }

    /** Idempotent. */
    void close() {
        int now = calls.getAndUpdate(count -> count >= CLOSED ? count : count + CLOSED);
        if (now == 0) {
            giveBack();
        }
    }

    /** At the first time: who comes too late for a call comes here as well. */
    private synchronized void giveBack() {
        int open = number;
        number = NONE;
        if (open != NONE) {
            Libc.close(open);
        }
    }

    long pread(long address, long length, long offset) {
        int fd = enter();
        try {
            return Libc.pread(fd, address, length, offset);
        } finally {
            leave();
        }
    }

    long pwrite(long address, long length, long offset) {
        int fd = enter();
        try {
            return Libc.pwrite(fd, address, length, offset);
        } finally {
            leave();
        }
    }

    long preadv(IoVectors vectors, long offset) {
        int fd = enter();
        try {
            return Libc.preadv(fd, vectors, offset);
        } finally {
            leave();
        }
    }

    long pwritev(IoVectors vectors, long offset) {
        int fd = enter();
        try {
            return Libc.pwritev(fd, vectors, offset);
        } finally {
            leave();
        }
    }

    long preadv2(IoVectors vectors, long offset, int flags) {
        int fd = enter();
        try {
            return Libc.preadv2(fd, vectors, offset, flags);
        } finally {
            leave();
        }
    }

    long pwritev2(IoVectors vectors, long offset, int flags) {
        int fd = enter();
        try {
            return Libc.pwritev2(fd, vectors, offset, flags);
        } finally {
            leave();
        }
    }

    int fdatasync() {
        int fd = enter();
        try {
            return Libc.fdatasync(fd);
        } finally {
            leave();
        }
    }

    int ftruncate(long length) {
        int fd = enter();
        try {
            return Libc.ftruncate(fd, length);
        } finally {
            leave();
        }
    }

    int fallocate(int mode, long offset, long length) {
        int fd = enter();
        try {
            return Libc.fallocate(fd, mode, offset, length);
        } finally {
            leave();
        }
    }

    int ioctl(long request, long argument) {
        int fd = enter();
        try {
            return Libc.ioctl(fd, request, argument);
        } finally {
            leave();
        }
    }

    long lseek(long offset, int whence) {
        int fd = enter();
        try {
            return Libc.lseek(fd, offset, whence);
        } finally {
            leave();
        }
    }

    int fstat(FileStatus status) {
        int fd = enter();
        try {
            return Libc.fstat(fd, status);
        } finally {
            leave();
        }
    }

    int fstatfs(FileSystemStatus status) {
        int fd = enter();
        try {
            return Libc.fstatfs(fd, status);
        } finally {
            leave();
        }
    }

    void fadvise(long offset, long length, int advice) {
        int fd = enter();
        try {
            Libc.fadvise(fd, offset, length, advice);
        } finally {
            leave();
        }
    }

    /** Opens the same file once more. */
    int reopen(int flags) {
        int fd = enter();
        try {
            return Libc.open(NativeFileOpener.byDescriptor(fd), flags, 0);
        } finally {
            leave();
        }
    }

    /** Takes, turns or drops a lock on one byte. */
    int setLock(short type, long position) {
        int fd = enter();
        try {
            return FileLocks.set(fd, type, position, 1);
        } finally {
            leave();
        }
    }

    /** Positive if others' locks on one byte stand against such a lock. */
    int probeLock(short type, long position) {
        int fd = enter();
        try {
            return FileLocks.probe(fd, type, position, 1);
        } finally {
            leave();
        }
    }
}
