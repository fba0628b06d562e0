package io.diskport.file;

import static io.diskport.natives.LibcConstants.FALLOC_FL_KEEP_SIZE;
import static io.diskport.natives.LibcConstants.FALLOC_FL_PUNCH_HOLE;
import static io.diskport.natives.LibcConstants.FALLOC_FL_ZERO_RANGE;
import static io.diskport.natives.NativeError.EINTR;
import static io.diskport.natives.NativeError.ENODEV;
import static io.diskport.natives.NativeError.ENOSYS;
import static io.diskport.natives.NativeError.ENOTTY;
import static io.diskport.natives.NativeError.ENXIO;
import static io.diskport.natives.NativeError.EOPNOTSUPP;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.Extent;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeMemory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What is allocated of a file: finding, freeing, zeroing and allocating ranges. */
final class NativeSpace {
    private final OpenDescriptor descriptor;
    private final String name;
    private final boolean device;
    private final int alignment;
    private volatile boolean punchWorks = true;
    private volatile boolean zeroRangeWorks = true;

    NativeSpace(OpenDescriptor descriptor, String name, boolean device) {
        this.descriptor = descriptor;
        this.name = name;
        this.device = device;
        this.alignment = device ? LogicalBlocks.size(descriptor.number()) : 1;
    }

    /** What punched and zeroed ranges must be multiples of. */
    int alignment() {
        return alignment;
    }

    boolean punch(long offset, long length) throws BlockIOException {
        if (!punchWorks) {
            return false;
        }
        int result = fallocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
        punchWorks = !isUnsupported(result);
        return punchWorks && done("free", offset, length, result);
    }

    boolean zero(long offset, long length) throws BlockIOException {
        if (zeroRangeWorks) {
            int result = fallocate(FALLOC_FL_ZERO_RANGE, offset, length);
            zeroRangeWorks = !isUnsupported(result);
            if (zeroRangeWorks) {
                return done("zero", offset, length, result);
            }
        }
        // A file system without the one call may have the two that come to the same; on a device
        // there is nothing to allocate with.
        return !device && punch(offset, length) && preallocate(offset, length);
    }

    boolean discard(long offset, long length) throws BlockIOException {
        if (!device) {
            return punch(offset, length);
        }
        long start = offset + alignment - 1 & -(long) alignment;
        long end = offset + length & -(long) alignment;
        return start >= end || discardBlocks(start, end - start);
    }

    private boolean discardBlocks(long offset, long length) throws BlockIOException {
        ByteBuffer range = ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder());
        range.putLong(0, offset).putLong(8, length);
        long address = NativeMemory.address(range);
        int result = descriptor.ioctl(LibcConstants.BLKDISCARD, address);
        Reference.reachabilityFence(range);
        return !isUnsupported(result) && done("discard", offset, length, result);
    }

    boolean preallocate(long offset, long length) throws BlockIOException {
        int result = fallocate(0, offset, length);
        return !isUnsupported(result) && done("allocate", offset, length, result);
    }

    /**
     * SEEK_DATA and SEEK_HOLE, which are two looks at a file that others may change in between: an
     * answer that does not fit is taken for data, which is never wrong.
     */
    Extent status(long offset, long length) {
        long data = descriptor.lseek(offset, LibcConstants.SEEK_DATA);
        if (data == -ENXIO) {
            return Extent.hole(length);
        }
        if (data > offset) {
            return Extent.hole(Math.min(data - offset, length));
        }
        if (data != offset) {
            return Extent.data(length);
        }
        long hole = descriptor.lseek(offset, LibcConstants.SEEK_HOLE);
        return Extent.data(hole > offset ? Math.min(hole - offset, length) : length);
    }

    private int fallocate(int mode, long offset, long length) {
        int result;
        do {
            result = descriptor.fallocate(mode, offset, length);
        } while (result == -EINTR);
        return result;
    }

    private static boolean isUnsupported(int result) {
        return result == -EOPNOTSUPP || result == -ENOSYS || result == -ENOTTY || result == -ENODEV;
    }

    private boolean done(String operation, long offset, long length, int result)
            throws BlockIOException {
        if (result < 0) {
            throw FileErrors.at(
                    operation,
                    name,
                    offset,
                    length,
                    Errno.of(-result),
                    NativeError.message(result));
        }
        return true;
    }
}
