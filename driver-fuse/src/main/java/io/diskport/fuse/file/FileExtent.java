package io.diskport.fuse.file;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.node.Extent;
import io.diskport.api.node.RequestFlags;
import java.util.EnumSet;
import java.util.Set;

/** The length and the allocation of the exported file: changes them, and finds holes. */
final class FileExtent {
    private static final int FALLOC_FL_KEEP_SIZE = 1;
    private static final int FALLOC_FL_PUNCH_HOLE = 2;
    private static final int FALLOC_FL_ZERO_RANGE = 0x10;

    // What a node says that has a fixed length or no room; anything else is a failure.
    private static final Set<Errno> END_STAYS =
            EnumSet.of(Errno.EOPNOTSUPP, Errno.ENOSPC, Errno.EFBIG);

    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;

    // One change of the length at a time.
    private final Object lengthLock = new Object();

    /** Makes the file at least that long; never shorter, whoever else enlarges it. */
    void growTo(BlockBackend backend, long end) throws BlockIOException {
        synchronized (lengthLock) {
            if (backend.length() < end) {
                backend.truncate(end);
            }
        }
    }

    /**
     * Makes the file long enough for a write.
     *
     * @return how many of the bytes there is room for: fewer up to the end of a file that cannot be
     *     made longer
     * @throws BlockIOException ENOSPC beyond that end
     */
    int makeRoom(BlockBackend backend, long offset, int wanted) throws BlockIOException {
        try {
            enlarge(backend, offset + wanted);
            return wanted;
        } catch (BlockIOException e) {
            if (!END_STAYS.contains(e.errno())) {
                throw e;
            }
            int room = clip(wanted, backend.length() - offset);
            if (room == 0) {
                throw new BlockIOException(Errno.ENOSPC, "the file cannot be made longer", e);
            }
            return room;
        }
    }

    /** Writes where the file ends. */
    interface WriteAt {
        int write(long offset);
    }

    /** Writes at the end, wherever that is by then; one at a time. */
    int append(BlockBackend backend, WriteAt write) {
        synchronized (lengthLock) {
            return write.write(backend.length());
        }
    }

    /** How many of the wanted bytes fit into the room, which may be negative. */
    static int clip(int wanted, long room) {
        return (int) Math.max(0, Math.min(wanted, room));
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

    /** lseek(2), SEEK_DATA and SEEK_HOLE: the offset where data or zeroes begin. */
    static long seek(BlockBackend backend, long offset, int whence) throws BlockIOException {
        if (whence != SEEK_DATA && whence != SEEK_HOLE) {
            throw new BlockIOException(Errno.EINVAL, "lseek whence " + whence);
        }
        long length = backend.length();
        long position = offset < 0 ? length : offset;
        while (position < length) {
            Extent run = backend.status(position, length - position);
            if (run.zero() == (whence == SEEK_HOLE)) {
                return position;
            }
            position += run.length();
        }
        if (whence == SEEK_HOLE && offset >= 0 && offset < length) {
            return length;
        }
        throw new BlockIOException(Errno.ENXIO, "nothing from offset " + offset);
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
