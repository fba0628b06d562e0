package io.diskport.fuse.file;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.node.RequestFlags;

/** Changes the length and the allocation of the exported file, one change at a time. */
final class FileExtent {
    private static final int FALLOC_FL_KEEP_SIZE = 1;
    private static final int FALLOC_FL_PUNCH_HOLE = 2;
    private static final int FALLOC_FL_ZERO_RANGE = 0x10;

    private final Object lengthLock = new Object();

    /** Makes the file at least that long; never shorter, whoever else enlarges it. */
    void growTo(BlockBackend backend, long end) throws BlockIOException {
        synchronized (lengthLock) {
            if (backend.length() < end) {
                backend.truncate(end);
            }
        }
    }

    /** Makes the file exactly that long. */
    void setLength(BlockBackend backend, long length) throws BlockIOException {
        synchronized (lengthLock) {
            if (backend.length() == length) {
                return;
            }
            if (!backend.resizable()) {
                throw new BlockIOException(Errno.EPERM, "the length cannot be changed");
            }
            backend.truncate(length);
        }
    }

    /** fallocate(2): 0, PUNCH_HOLE with KEEP_SIZE, ZERO_RANGE with or without it. */
    void allocate(BlockBackend backend, int mode, long offset, long length)
            throws BlockIOException {
        boolean keepSize = (mode & FALLOC_FL_KEEP_SIZE) != 0;
        int operation = mode & ~FALLOC_FL_KEEP_SIZE;
        if (operation == FALLOC_FL_PUNCH_HOLE) {
            if (!keepSize) {
                throw new BlockIOException(Errno.EINVAL, "a hole is punched with KEEP_SIZE only");
            }
            zero(backend, offset, length, RequestFlags.NONE);
        } else if (operation == FALLOC_FL_ZERO_RANGE) {
            if (!keepSize) {
                enlarge(backend, offset + length);
            }
            zero(backend, offset, length, RequestFlags.NO_UNMAP);
        } else if (mode == 0) {
            enlarge(backend, offset + length);
            backend.preallocate(offset, length);
        } else {
            throw new BlockIOException(Errno.EOPNOTSUPP, "fallocate mode " + mode);
        }
    }

    private void enlarge(BlockBackend backend, long end) throws BlockIOException {
        if (end > backend.length() && !backend.resizable()) {
            throw new BlockIOException(Errno.ENOSPC, "the length cannot be changed");
        }
        growTo(backend, end);
    }

    private static void zero(BlockBackend backend, long offset, long length, int flags)
            throws BlockIOException {
        long inside = Math.min(length, backend.length() - offset);
        if (inside > 0) {
            backend.writeZeroes(offset, inside, flags);
        }
    }
}
