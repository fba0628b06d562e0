package io.diskport.natives;

/**
 * Memory that is mapped, and files that are nothing but memory.
 *
 * <p>Results are zero or more, or the negated error number; safe on any thread. Who unmaps sees to
 * it that nobody uses the memory any more, nor a buffer over it: that would end the whole process.
 */
public final class LibcMemory {
    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    public static final int MAP_SHARED = 1;
    public static final int MAP_NORESERVE = 0x4000;

    public static final int MFD_CLOEXEC = 1;
    public static final int MFD_ALLOW_SEALING = 2;
    public static final int F_ADD_SEALS = 1033;
    public static final int F_GET_SEALS = 1034;
    public static final int F_SEAL_SEAL = 1;
    public static final int F_SEAL_SHRINK = 2;
    public static final int F_SEAL_GROW = 4;

    private static final NativeFunction MMAP = NativeFunction.ofLong("mmap", 6);
    private static final NativeFunction MUNMAP = NativeFunction.ofInt("munmap", 2);
    private static final NativeFunction MEMFD_CREATE = NativeFunction.ofInt("memfd_create", 2);

    private LibcMemory() {}

    /**
     * Maps a file where the kernel likes to. Answers the address.
     *
     * <p>Memory that another process may take away is to be touched through {@link
     * NativeMemory#view} only: what is not there any more is an InternalError then, and the end of
     * the process otherwise.
     */
    public static long mmap(long length, int protection, int flags, int fd, long offset) {
        return MMAP.call(0, length, protection, flags, fd, offset);
    }

    public static int munmap(long address, long length) {
        return (int) MUNMAP.call(address, length);
    }

    /** A new file in memory, for whom it is handed to; the name is seen in /proc only. */
    public static int memfd(String name, int flags) {
        long text = NativeMemory.newString(name);
        if (text < 0) {
            return (int) text;
        }
        try {
            return (int) MEMFD_CREATE.call(text, flags);
        } finally {
            NativeMemory.free(text);
        }
    }
}
