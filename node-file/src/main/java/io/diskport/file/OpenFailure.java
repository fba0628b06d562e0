package io.diskport.file;

import io.diskport.api.BlockException;
import io.diskport.api.Errno;
import java.nio.file.Path;

/** A file that cannot be opened, with the number that says why. */
final class OpenFailure extends BlockException {
    private static final long serialVersionUID = 1L;

    private final Errno errno;

    private OpenFailure(Reason reason, Errno errno, String message) {
        super(reason, message);
        this.errno = errno;
    }

    /** The system's refusal, and what to do about it where that is known. */
    static OpenFailure of(Path path, Errno errno, String text, boolean writable, boolean direct) {
        return new OpenFailure(
                reason(errno),
                errno,
                "Could not open '" + path + "': " + text + hint(errno, path, writable, direct));
    }

    /** It is something that cannot hold a node. */
    static OpenFailure wrongType(Path path, String type) {
        return new OpenFailure(
                Reason.INVALID,
                Errno.EINVAL,
                "Could not open '"
                        + path
                        + "': "
                        + (type.equals("directory") ? "Is a directory" : "it is a " + type)
                        + "; a file node needs a regular file or a block device");
    }

    /** Past the page cache it takes only requests that are larger than may be asked for. */
    static OpenFailure largeBlocks(Path path, String what) {
        return new OpenFailure(
                Reason.UNSUPPORTED,
                Errno.EINVAL,
                "Could not open '"
                        + path
                        + "': past the page cache "
                        + what
                        + "; up to "
                        + Alignment.LARGEST
                        + " bytes are supported: use cache.direct=off");
    }

    /** Whether it might be opened for reading. */
    boolean permissionIsMissing() {
        return errno == Errno.EACCES || errno == Errno.EPERM || errno == Errno.EROFS;
    }

    private static Reason reason(Errno errno) {
        return switch (errno) {
            case ENOENT, ENOTDIR -> Reason.NOT_FOUND;
            case EACCES, EPERM, EROFS -> Reason.DENIED;
            case EBUSY, ETXTBSY -> Reason.IN_USE;
            default -> Reason.FAILED;
        };
    }

    private static String hint(Errno errno, Path path, boolean writable, boolean direct) {
        return switch (errno) {
            case EACCES, EPERM, EROFS ->
                    writable ? " (read-only=on or auto-read-only=on opens it for reading)" : "";
            case ENOTCONN ->
                    " (a FUSE mount whose daemon has died is in the way: fusermount -u '"
                            + path
                            + "')";
            case EINVAL -> direct ? " (its file system has no O_DIRECT: use cache.direct=off)" : "";
            default -> "";
        };
    }
}
