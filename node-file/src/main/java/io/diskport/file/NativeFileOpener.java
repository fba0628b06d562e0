package io.diskport.file;

import static io.diskport.natives.LibcConstants.O_CLOEXEC;
import static io.diskport.natives.LibcConstants.O_DIRECT;
import static io.diskport.natives.LibcConstants.O_NOCTTY;
import static io.diskport.natives.LibcConstants.O_NONBLOCK;
import static io.diskport.natives.LibcConstants.O_PATH;
import static io.diskport.natives.LibcConstants.O_RDONLY;
import static io.diskport.natives.LibcConstants.O_RDWR;

import io.diskport.api.BlockException;
import io.diskport.api.Errno;
import io.diskport.natives.FileStatus;
import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.NativeError;
import java.nio.file.Path;
import java.util.Optional;

/** Opens files by native calls. */
final class NativeFileOpener implements FileOpener {
    @Override
    public String engine() {
        return "native";
    }

    @Override
    public Optional<String> shortcoming() {
        return Optional.empty();
    }

    /**
     * Looks at the file before it opens it: opening is not harmless for everything that has a path
     * (a pipe waits or wakes its other end, a tape rewinds). O_PATH has no such effects, and what
     * is opened afterwards through /proc is the very file that was looked at.
     */
    @Override
    public NativeFile open(Path path, boolean writable, boolean direct) throws BlockException {
        int look = Libc.open(path.toString(), O_PATH | O_CLOEXEC, 0);
        if (look < 0) {
            throw failure(path, look, writable, direct);
        }
        try {
            checkType(path, look, writable, direct);
            int flags = flags(writable, direct);
            int fd = Libc.open(byDescriptor(look), flags, 0);
            if (fd == -NativeError.ENOENT) {
                // no /proc here; O_NONBLOCK, should it have become a pipe meanwhile
                fd = Libc.open(path.toString(), flags | O_NONBLOCK, 0);
            }
            if (fd < 0) {
                throw failure(path, fd, writable, direct);
            }
            return opened(path, fd, writable, direct);
        } finally {
            Libc.close(look);
        }
    }

    @Override
    public OpenFile again(OpenFile same, Path path, boolean writable, boolean direct)
            throws BlockException {
        int fd = ((NativeFile) same).again(flags(writable, direct));
        if (fd < 0) {
            throw failure(path, fd, writable, direct);
        }
        return opened(path, fd, writable, direct);
    }

    private static NativeFile opened(Path path, int fd, boolean writable, boolean direct)
            throws BlockException {
        try {
            boolean device = checkType(path, fd, writable, direct);
            Alignment alignment = direct ? DirectAlignment.find(fd, device, path) : Alignment.NONE;
            return new NativeFile(fd, path.toString(), device, writable, direct, alignment);
        } catch (BlockException e) {
            Libc.close(fd);
            throw e;
        }
    }

    static int flags(boolean writable, boolean direct) {
        return (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOCTTY | (direct ? O_DIRECT : 0);
    }

    /** A path to an open file that leads past whatever covers its own path now. */
    static String byDescriptor(int fd) {
        return "/proc/self/fd/" + fd;
    }

    /** True for a block device, false for a regular file. */
    private static boolean checkType(Path path, int fd, boolean writable, boolean direct)
            throws BlockException {
        FileStatus status = new FileStatus();
        int result = Libc.fstat(fd, status);
        if (result < 0) {
            throw failure(path, result, writable, direct);
        }
        return switch (status.type()) {
            case LibcConstants.S_IFREG -> false;
            case LibcConstants.S_IFBLK -> true;
            case LibcConstants.S_IFDIR -> throw OpenFailure.wrongType(path, "directory");
            case LibcConstants.S_IFIFO -> throw OpenFailure.wrongType(path, "pipe");
            case LibcConstants.S_IFSOCK -> throw OpenFailure.wrongType(path, "socket");
            default -> throw OpenFailure.wrongType(path, "character device");
        };
    }

    private static OpenFailure failure(Path path, int error, boolean writable, boolean direct) {
        return OpenFailure.of(path, Errno.of(-error), NativeError.message(error), writable, direct);
    }
}
