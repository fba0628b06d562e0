package io.diskport.natives;

/**
 * Files by descriptor: opening, positional and vectored I/O, sizes, holes.
 *
 * <p>All methods are safe on any thread. They answer zero or more, or the negated error number;
 * they allocate nothing (opening by path excepted) and repeat nothing. Offsets and lengths are
 * bytes, addresses come from {@link NativeMemory}.
 */
public final class Libc {
    private static final NativeFunction OPENAT = NativeFunction.ofInt("openat", 4);
    private static final NativeFunction CLOSE = NativeFunction.ofInt("close", 1);
    private static final NativeFunction DUP = NativeFunction.ofInt("dup", 1);
    private static final NativeFunction FCNTL = NativeFunction.ofInt("fcntl", 3);
    private static final NativeFunction IOCTL = NativeFunction.ofInt("ioctl", 3);
    private static final NativeFunction READ = NativeFunction.ofLong("read", 3);
    private static final NativeFunction WRITE = NativeFunction.ofLong("write", 3);
    private static final NativeFunction READV = NativeFunction.ofLong("readv", 3);
    private static final NativeFunction WRITEV = NativeFunction.ofLong("writev", 3);
    private static final NativeFunction PREAD = NativeFunction.ofLong("pread", 4);
    private static final NativeFunction PWRITE = NativeFunction.ofLong("pwrite", 4);
    private static final NativeFunction PREADV = NativeFunction.ofLong("preadv", 4);
    private static final NativeFunction PWRITEV = NativeFunction.ofLong("pwritev", 4);
    private static final NativeFunction PREADV2 = NativeFunction.ofLong("preadv2", 5);
    private static final NativeFunction PWRITEV2 = NativeFunction.ofLong("pwritev2", 5);
    private static final NativeFunction FSYNC = NativeFunction.ofInt("fsync", 1);
    private static final NativeFunction FDATASYNC = NativeFunction.ofInt("fdatasync", 1);
    private static final NativeFunction FCHMOD = NativeFunction.ofInt("fchmod", 2);
    private static final NativeFunction FTRUNCATE = NativeFunction.ofInt("ftruncate", 2);
    private static final NativeFunction FALLOCATE = NativeFunction.ofInt("fallocate", 4);
    private static final NativeFunction LSEEK = NativeFunction.ofLong("lseek", 3);
    private static final NativeFunction STATX = NativeFunction.ofInt("statx", 5);
    private static final NativeFunction FSTATFS = NativeFunction.ofInt("fstatfs", 2);
    private static final NativeFunction FADVISE = NativeFunction.ofInt("posix_fadvise", 4);

    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final long EMPTY_STRING = NativeMemory.permanentString("");

    private static final ThreadLocal<FileStatus> STATUS = ThreadLocal.withInitial(FileStatus::new);

    private Libc() {}

    /** Opens a path; relative ones start at the working directory. Answers the descriptor. */
    public static int open(String path, int flags, int mode) {
        return openat(LibcConstants.AT_FDCWD, path, flags, mode);
    }

    /** Opens a path relative to a folder's descriptor. Answers the descriptor. */
    public static int openat(int folder, String path, int flags, int mode) {
        long name = NativeMemory.newString(path);
        if (name < 0) {
            return (int) name;
        }
        try {
            return (int) OPENAT.call(folder, name, flags, mode);
        } finally {
            NativeMemory.free(name);
        }
    }

    /**
     * Closes a descriptor. Never to be repeated, not even after -EINTR: Linux has closed it then.
     */
    public static int close(int fd) {
        return (int) CLOSE.call(fd);
    }

    /** A second descriptor of the same open file description (close-on-exec is not set). */
    public static int dup(int fd) {
        return (int) DUP.call(fd);
    }

    /** fcntl with a number or an address as its argument. */
    public static int fcntl(int fd, int command, long argument) {
        return (int) FCNTL.call(fd, command, argument);
    }

    /** ioctl with a number or an address as its argument. */
    public static int ioctl(int fd, long request, long argument) {
        return (int) IOCTL.call(fd, request, argument);
    }

    public static long read(int fd, long address, long length) {
        return READ.call(fd, address, length);
    }

    public static long write(int fd, long address, long length) {
        return WRITE.call(fd, address, length);
    }

    public static long readv(int fd, IoVectors vectors) {
        return READV.call(fd, vectors.address(), vectors.count());
    }

    public static long writev(int fd, IoVectors vectors) {
        return WRITEV.call(fd, vectors.address(), vectors.count());
    }

    public static long pread(int fd, long address, long length, long offset) {
        return PREAD.call(fd, address, length, offset);
    }

    public static long pwrite(int fd, long address, long length, long offset) {
        return PWRITE.call(fd, address, length, offset);
    }

    public static long preadv(int fd, IoVectors vectors, long offset) {
        return PREADV.call(fd, vectors.address(), vectors.count(), offset);
    }

    public static long pwritev(int fd, IoVectors vectors, long offset) {
        return PWRITEV.call(fd, vectors.address(), vectors.count(), offset);
    }

    /** preadv with flags of one call: {@link LibcConstants#RWF_NOWAIT} and its kind. */
    public static long preadv2(int fd, IoVectors vectors, long offset, int flags) {
        return PREADV2.call(fd, vectors.address(), vectors.count(), offset, flags);
    }

    /** pwritev with flags of one call: {@link LibcConstants#RWF_DSYNC} and its kind. */
    public static long pwritev2(int fd, IoVectors vectors, long offset, int flags) {
        return PWRITEV2.call(fd, vectors.address(), vectors.count(), offset, flags);
    }

    public static int fsync(int fd) {
        return (int) FSYNC.call(fd);
    }

    public static int fdatasync(int fd) {
        return (int) FDATASYNC.call(fd);
    }

    /** Sets the permission bits; of a socket before it is bound, those that its file will have. */
    public static int fchmod(int fd, int mode) {
        return (int) FCHMOD.call(fd, mode);
    }

    public static int ftruncate(int fd, long length) {
        return (int) FTRUNCATE.call(fd, length);
    }

    /** Allocates, punches or zeroes a range; mode is a sum of {@code FALLOC_FL_…}. */
    public static int fallocate(int fd, int mode, long offset, long length) {
        return (int) FALLOCATE.call(fd, mode, offset, length);
    }

    /** Moves or asks by {@code SEEK_…}; SEEK_DATA and SEEK_HOLE answer -ENXIO past the end. */
    public static long lseek(int fd, long offset, int whence) {
        return LSEEK.call(fd, offset, whence);
    }

    /** The attributes of an open file, never of a path: it cannot run into a mount of our own. */
    public static int fstat(int fd, FileStatus status) {
        return (int)
                STATX.call(fd, EMPTY_STRING, AT_EMPTY_PATH, STATX_BASIC_STATS, status.address());
    }

    /** The length of an open file in bytes, without an object of the caller's. */
    public static long size(int fd) {
        FileStatus status = STATUS.get();
        int result = fstat(fd, status);
        return result < 0 ? result : status.size();
    }

    /** The file system that an open file is on. */
    public static int fstatfs(int fd, FileSystemStatus status) {
        return (int) FSTATFS.call(fd, status.address());
    }

    /** Tells the kernel how a range will be used ({@code POSIX_FADV_…}). */
    public static int fadvise(int fd, long offset, long length, int advice) {
        // posix_fadvise answers the error number itself and leaves errno alone
        return -(int) FADVISE.call(fd, offset, length, advice);
    }
}
