package io.diskport.it.fuse;

import io.diskport.it.fuse.Operation.Allocate;
import io.diskport.it.fuse.Operation.ReadMapped;
import io.diskport.it.fuse.Operation.WriteMapped;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.NativeError;
import java.util.Arrays;
import java.util.Optional;

/**
 * Where an export is rightly not like a plain file. What has an error number is refused by the
 * export, always and with that error, and so never done to the plain file.
 *
 * <p>Not asked for at all: O_DIRECT at offsets that are not aligned (a plain file refuses them, an
 * export takes them), COLLAPSE_RANGE and INSERT_RANGE (some file systems have them, FUSE has no
 * word for them), and bits of the mode beyond the nine of rwx.
 */
enum Difference {
    /** Blocks beyond the end belong to nobody: there is no such thing on a disk (nor in QEMU). */
    KEEP_SIZE_ALONE(NativeError.EOPNOTSUPP) {
        @Override
        boolean concerns(Operation operation, int[] flags, String engine) {
            return operation instanceof Allocate allocate
                    && allocate.mode() == LibcConstants.FALLOC_FL_KEEP_SIZE
                    && allocate.offset() >= 0
                    && allocate.length() > 0
                    && isWritable(flags[allocate.slot()]);
        }
    },

    /** libfuse 2 does not know how to say DIRECT_IO_ALLOW_MMAP. */
    LIBFUSE_MAPS_NO_DIRECT_HANDLE(NativeError.ENODEV) {
        @Override
        boolean concerns(Operation operation, int[] flags, String engine) {
            if (!LIBFUSE.equals(engine)) {
                return false;
            }
            if (operation instanceof ReadMapped read) {
                return isDirect(flags[read.slot()]) && isReadable(flags[read.slot()]);
            }
            return operation instanceof WriteMapped write
                    && isDirect(flags[write.slot()])
                    && isReadWrite(flags[write.slot()]);
        }
    },

    /** tmpfs has no ZERO_RANGE; {@link PlainFile} does it in another way there. */
    ZERO_RANGE_EVERYWHERE,

    /** libfuse 2 has no lseek: to the kernel all is data. {@link Mix} does not look for holes. */
    LIBFUSE_SEEKS_NO_HOLES,

    /**
     * Where holes begin and end is the file system's affair, as long as they are empty; only one
     * that was just punched in whole pages has to be found exactly.
     */
    HOLES_OF_ANY_SIZE;

    /** The engine that can do less. */
    static final String LIBFUSE = "libfuse";

    final int errno;

    Difference() {
        this(0);
    }

    Difference(int errno) {
        this.errno = errno;
    }

    /**
     * Whether the export refuses this.
     *
     * @param flags what the handles were opened with, by slot
     */
    boolean concerns(Operation operation, int[] flags, String engine) {
        return false;
    }

    static Optional<Difference> of(Operation operation, int[] flags, String engine) {
        return Arrays.stream(values())
                .filter(difference -> difference.concerns(operation, flags, engine))
                .findFirst();
    }

    private static boolean isDirect(int flags) {
        return (flags & LibcConstants.O_DIRECT) != 0;
    }

    private static boolean isWritable(int flags) {
        return (flags & LibcConstants.O_ACCMODE) != LibcConstants.O_RDONLY;
    }

    private static boolean isReadable(int flags) {
        return (flags & LibcConstants.O_ACCMODE) != LibcConstants.O_WRONLY;
    }

    private static boolean isReadWrite(int flags) {
        return (flags & LibcConstants.O_ACCMODE) == LibcConstants.O_RDWR;
    }
}
