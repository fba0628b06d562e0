package io.diskport.natives;

import com.kenai.jffi.MemoryIO;

/**
 * Locks on byte ranges that belong to the open file description (Linux, F_OFD_…): two descriptors
 * opened apart conflict even within one process, and the lock ends with the last close.
 */
public final class FileLocks {
    public static final short F_RDLCK = 0;
    public static final short F_WRLCK = 1;
    public static final short F_UNLCK = 2;

    private static final int F_OFD_GETLK = 36;
    private static final int F_OFD_SETLK = 37;

    // struct flock of 64-bit Linux (asm-generic/fcntl.h)
    private static final int TYPE = 0;
    private static final int WHENCE = 2;
    private static final int START = 8;
    private static final int LENGTH = 16;
    private static final int PID = 24;
    private static final int STRUCT_SIZE = 32;

    private static final MemoryIO MEMORY = MemoryIO.getInstance();

    private FileLocks() {}

    /** Sets or removes a lock without waiting: 0, -EAGAIN on a conflict, or another error. */
    public static int set(int fd, short type, long start, long length) {
        return call(fd, F_OFD_SETLK, type, start, length);
    }

    /** Whether a lock of the type could be set now: 0 when it could, 1 when not, or an error. */
    public static int probe(int fd, short type, long start, long length) {
        return call(fd, F_OFD_GETLK, type, start, length);
    }

    private static int call(int fd, int command, short type, long start, long length) {
        long lock = MEMORY.allocateMemory(STRUCT_SIZE, true);
        if (lock == 0) {
            return -NativeError.ENOMEM;
        }
        try {
            MEMORY.putShort(lock + TYPE, type);
            MEMORY.putShort(lock + WHENCE, (short) LibcConstants.SEEK_SET);
            MEMORY.putLong(lock + START, start);
            MEMORY.putLong(lock + LENGTH, length);
            MEMORY.putInt(lock + PID, 0);
            int result = Libc.fcntl(fd, command, lock);
            if (result < 0 || command == F_OFD_SETLK) {
                return result;
            }
            return MEMORY.getShort(lock + TYPE) == F_UNLCK ? 0 : 1;
        } finally {
            MEMORY.freeMemory(lock);
        }
    }
}
