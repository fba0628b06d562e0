package io.diskport.file;

import io.diskport.api.BlockException;
import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeMemory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/** Finds out what O_DIRECT asks for on an open file, by reading from it. */
final class DirectAlignment {
    private static final int SMALLEST = 512;
    private static final int USUAL = 4096;
    private static final int LARGEST = 64 * 1024;

    private DirectAlignment() {}

    /**
     * The smallest alignment that reads succeed with, for offsets, lengths and memory.
     *
     * <p>A read proves something only where there is data: at the end of the file and in holes,
     * file systems answer without looking at the alignment. A file without data gets the usual
     * 4096.
     */
    static Alignment find(int fd, boolean device, String file) throws BlockException {
        ByteBuffer memory = NativeMemory.allocate(2 * LARGEST, LARGEST);
        int smallest = device ? logicalBlockSize(fd, memory) : SMALLEST;
        long data = device ? 0 : Libc.lseek(fd, 0, LibcConstants.SEEK_DATA);
        if (data == -NativeError.ENXIO) {
            return both(USUAL);
        }
        long start = Math.max(data, 0);
        long end = Libc.lseek(fd, 0, LibcConstants.SEEK_END);
        for (int candidate = smallest; candidate <= LARGEST; candidate *= 2) {
            // inside the first page of data, at a place aligned no better than the candidate
            long offset =
                    candidate < USUAL
                            ? (start & -(long) USUAL) + candidate
                            : start & -(long) candidate;
            if (offset + candidate > end) {
                return both(Math.max(USUAL, candidate));
            }
            // and memory likewise
            long address = NativeMemory.address(memory) + candidate;
            long result = Libc.pread(fd, address, candidate, offset);
            Reference.reachabilityFence(memory);
            if (result != -NativeError.EINVAL) {
                return both(result < 0 ? Math.max(USUAL, candidate) : candidate);
            }
        }
        throw new BlockException(
                BlockException.Reason.UNSUPPORTED,
                "Failed to open '"
                        + file
                        + "': it cannot be read past the page cache with any alignment up to "
                        + LARGEST
                        + ": use cache.direct=off");
    }

    private static Alignment both(int alignment) {
        return new Alignment(alignment, alignment);
    }

    private static int logicalBlockSize(int fd, ByteBuffer memory) {
        int result = Libc.ioctl(fd, LibcConstants.BLKSSZGET, NativeMemory.address(memory));
        int size = memory.getInt(0);
        boolean sound = result == 0 && size >= SMALLEST && size <= LARGEST;
        return sound && Integer.bitCount(size) == 1 ? size : SMALLEST;
    }
}
