package io.diskport.it.fuse;

import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeMemory;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A file of the host, helped out where its file system cannot do what every export can. */
final class PlainFile extends FileUnderTest {
    private static final int PIECE = 1 << 20;

    private final ByteBuffer zeroes = NativeMemory.allocate(PIECE, PAGE);

    PlainFile(Path path, long base) {
        super(path, base);
    }

    @Override
    int allocate(int fd, int mode, long offset, long length) {
        int result = super.allocate(fd, mode, offset, length);
        int operation = mode & ~LibcConstants.FALLOC_FL_KEEP_SIZE;
        boolean needsHelp =
                result == -NativeError.EOPNOTSUPP
                        && operation == LibcConstants.FALLOC_FL_ZERO_RANGE;
        return needsHelp ? zeroRange(fd, mode, offset, length) : result;
    }

    /** {@link Difference#ZERO_RANGE_EVERYWHERE}. */
    private int zeroRange(int fd, int mode, long offset, long length) {
        long size = size();
        long end = offset + length;
        if ((mode & LibcConstants.FALLOC_FL_KEEP_SIZE) != 0) {
            end = Math.min(end, size);
        } else if (end > size) {
            Libc.ftruncate(fd, end);
        }
        int result = end > offset ? super.allocate(fd, 3, offset, end - offset) : 0;
        return result < 0 ? result : 0;
    }
}
