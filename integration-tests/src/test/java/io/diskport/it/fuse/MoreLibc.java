package io.diskport.it.fuse;

import io.diskport.natives.NativeArena;
import io.diskport.natives.NativeFunction;
import io.diskport.natives.NativeMemory;
import java.nio.ByteBuffer;

/** Calls on files that {@link io.diskport.natives.Libc} has not, answering in its manner. */
final class MoreLibc {
    static final int PROT_READ = 1;
    static final int PROT_WRITE = 2;

    private static final int MAP_SHARED = 1;
    private static final int MS_SYNC = 4;
    private static final int TIMESPEC = 16;

    private static final NativeFunction FCHMOD = NativeFunction.ofInt("fchmod", 2);
    private static final NativeFunction FUTIMENS = NativeFunction.ofInt("futimens", 2);
    private static final NativeFunction TRUNCATE = NativeFunction.ofInt("truncate", 2);
    private static final NativeFunction COPY = NativeFunction.ofLong("copy_file_range", 6);
    private static final NativeFunction MMAP = NativeFunction.ofLong("mmap", 6);
    private static final NativeFunction MUNMAP = NativeFunction.ofInt("munmap", 2);
    private static final NativeFunction MSYNC = NativeFunction.ofInt("msync", 3);

    private MoreLibc() {}

    static int fchmod(int fd, int mode) {
        return (int) FCHMOD.call(fd, mode);
    }

    static int futimens(int fd, long accessSeconds, long modifySeconds, int nanos) {
        try (NativeArena arena = new NativeArena()) {
            long times = arena.allocate(2 * TIMESPEC);
            ByteBuffer view = NativeMemory.view(times, 2 * TIMESPEC);
            view.putLong(accessSeconds).putLong(nanos).putLong(modifySeconds).putLong(nanos);
            return (int) FUTIMENS.call(fd, times);
        }
    }

    static int truncate(String path, long length) {
        try (NativeArena arena = new NativeArena()) {
            return (int) TRUNCATE.call(arena.string(path), length);
        }
    }

    static long copyFileRange(int from, long source, int to, long target, long length) {
        try (NativeArena arena = new NativeArena()) {
            long offsets = arena.allocate(2 * Long.BYTES);
            NativeMemory.view(offsets, 2 * Long.BYTES).putLong(source).putLong(target);
            return COPY.call(from, offsets, to, offsets + Long.BYTES, length, 0);
        }
    }

    /** A shared mapping; answers its address. */
    static long map(int fd, int protection, long offset, long length) {
        return MMAP.call(0, length, protection, MAP_SHARED, fd, offset);
    }

    static int unmap(long address, long length) {
        return (int) MUNMAP.call(address, length);
    }

    static int synchronize(long address, long length) {
        return (int) MSYNC.call(address, length, MS_SYNC);
    }
}
