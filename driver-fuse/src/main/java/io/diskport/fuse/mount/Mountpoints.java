package io.diskport.fuse.mount;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.Errno;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The paths that this driver exports, and the checks before another one is.
 *
 * <p>No path is asked for its attributes before it is known that nobody serves it: the question
 * would go to the daemon itself, or to one that does not answer.
 */
public final class Mountpoints {
    private static final int MOST_LINKS = 40;
    private static final int MOST_LAYERS = 16;
    private static final long ANSWER_SECONDS = 3;

    private final FuseHost host;
    private final Set<Path> exported = new HashSet<>();

    /** None yet. */
    public Mountpoints(FuseHost host) {
        this.host = host;
    }

    /**
     * Takes a path for an export, and clears it of what a killed daemon left.
     *
     * @throws BlockException if it is exported already, served by somebody else, or not a file
     */
    public Mountpoint claim(Path given, System.Logger log) throws BlockException {
        Path path = given.toAbsolutePath().normalize();
        for (int links = 0; links < MOST_LINKS; links++) {
            Path real = inRealFolder(given, path);
            hold(given, real);
            boolean kept = false;
            try {
                clearDeadMounts(given, real, log);
                Optional<Path> target = checkFile(given, real);
                if (target.isEmpty()) {
                    kept = true;
                    return new Mountpoint(given, real, this);
                }
                path = real.resolveSibling(target.get()).normalize();
            } finally {
                if (!kept) {
                    release(real);
                }
            }
        }
        throw statFailed(given, "Too many levels of symbolic links");
    }

    /** Takes the path of a mount that the driver's version before this one made. */
    public Mountpoint takeOver(Path given, Path real) throws BlockException {
        hold(given, real);
        return new Mountpoint(given, real, this);
    }

    void release(Path real) {
        synchronized (exported) {
            exported.remove(real);
        }
    }

    private void hold(Path given, Path real) throws BlockException {
        synchronized (exported) {
            if (!exported.add(real)) {
                throw new BlockException(
                        Reason.EXISTS, "There already is a FUSE export on '" + given + "'");
            }
        }
    }

    private static Path inRealFolder(Path given, Path path) throws BlockException {
        Path folder = path.getParent();
        if (folder == null) {
            throw notRegular(given);
        }
        try {
            return folder.toRealPath().resolve(path.getFileName());
        } catch (IOException e) {
            throw statFailed(given, e);
        }
    }

    private void clearDeadMounts(Path given, Path real, System.Logger log) throws BlockException {
        try {
            for (int layer = 0; layer < MOST_LAYERS; layer++) {
                Optional<MountTable.Mount> mount =
                        MountTable.at(real).filter(MountTable.Mount::isFuse);
                if (mount.isEmpty()) {
                    return;
                }
                checkDead(given, real, mount.get());
                host.detach(real);
                log.log(
                        System.Logger.Level.WARNING,
                        "''{0}'' was the mountpoint of a daemon that was killed: unmounted",
                        given);
            }
        } catch (IOException e) {
            throw new BlockException(
                    Reason.FAILED,
                    "'"
                            + given
                            + "' is a dead mountpoint and cannot be unmounted: "
                            + e.getMessage(),
                    e);
        }
    }

    /** Asks through another process, which may hang in this one's place. */
    private static void checkDead(Path given, Path real, MountTable.Mount mount)
            throws BlockException, IOException {
        Command.Result answer =
                Command.run(ANSWER_SECONDS, List.of("head", "-c", "0", "--", real.toString()));
        if (answer.finished()
                && (answer.output().contains(Errno.ENOTCONN.text())
                        || answer.output().contains("Software caused connection abort"))) {
            return;
        }
        throw new BlockException(
                Reason.IN_USE,
                "'"
                        + given
                        + "' is a mountpoint of another program ("
                        + mount.type()
                        + (answer.finished() ? "" : ", which does not answer")
                        + "): end that, or unmount it with fusermount -u");
    }

    /** Answers where a link points to, and empty for a regular file. */
    private static Optional<Path> checkFile(Path given, Path real) throws BlockException {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(
                            real, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (attributes.isSymbolicLink()) {
                return Optional.of(Files.readSymbolicLink(real));
            }
            if (!attributes.isRegularFile()) {
                throw notRegular(given);
            }
            return Optional.empty();
        } catch (IOException e) {
            throw statFailed(given, e);
        }
    }

    private static BlockException notRegular(Path given) {
        return new BlockException(Reason.INVALID, "'" + given + "' is not a regular file");
    }

    private static BlockException statFailed(Path given, IOException error) {
        String text = error.getMessage();
        if (error instanceof NoSuchFileException) {
            text = Errno.ENOENT.text();
        } else if (error instanceof AccessDeniedException) {
            text = Errno.EACCES.text();
        } else if (error instanceof FileSystemLoopException) {
            text = "Too many levels of symbolic links";
        } else if (error instanceof FileSystemException system && system.getReason() != null) {
            text = system.getReason();
        }
        return statFailed(given, text);
    }

    private static BlockException statFailed(Path given, String text) {
        return new BlockException(Reason.NOT_FOUND, "Failed to stat '" + given + "': " + text);
    }
}
