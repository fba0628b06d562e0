package io.diskport.launcher;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/** Looks whether the folders of a run are there, are safe to use, and are nobody else's. */
final class Folders {
    /** The file in var whose lock a run holds. */
    static final String LOCK = "lock";

    private Folders() {}

    /**
     * Refuses a folder out of which other users could make the daemon run or open what they like.
     *
     * @param what the folder is called in messages
     */
    static void requireOwn(String what, Path folder) throws StartException {
        requirePlain(what, folder);
        if (!Files.isDirectory(folder)) {
            throw new StartException(
                    what + " folder " + folder + " does not exist: make it, or name another");
        }
        try {
            requireOwn(folder);
            try (DirectoryStream<Path> files =
                    Files.newDirectoryStream(folder, "*.{jar,cfg,config,allow}")) {
                for (Path file : files) {
                    requireOwn(file);
                }
            }
        } catch (IOException e) {
            throw new StartException(
                    "cannot read " + what + " folder " + folder + ": " + reason(e), e);
        }
    }

    /** File Install splits its setting at commas, and replaces what looks like a variable. */
    static void requirePlain(String what, Path folder) throws StartException {
        String path = folder.toString();
        if (path.indexOf(',') >= 0 || path.contains("${") || path.indexOf('\\') >= 0) {
            throw new StartException(
                    "%s folder %s has ',', '${' or a backslash in its path, which File Install cannot watch: name another"
                            .formatted(what, path));
        }
    }

    private static void requireOwn(Path path) throws IOException, StartException {
        Set<PosixFilePermission> permissions;
        int owner;
        try {
            permissions = Files.getPosixFilePermissions(path);
            owner = owner(path);
        } catch (NoSuchFileException e) {
            return; // taken away this moment, or a link to nowhere
        }
        if (owner != 0 && owner != owner(Path.of("/proc/self"))) {
            throw new StartException(
                    "%s belongs to another user (number %d), who could make Diskport run anything: chown it"
                            .formatted(path, owner));
        }
        boolean group = permissions.contains(PosixFilePermission.GROUP_WRITE);
        boolean others = permissions.contains(PosixFilePermission.OTHERS_WRITE);
        if (group || others) {
            throw new StartException(
                    "%s is writable by %s, who could make Diskport run anything: chmod go-w '%s'"
                            .formatted(path, others ? "others" : "its group", path));
        }
    }

    private static int owner(Path path) throws IOException {
        return (Integer) Files.getAttribute(path, "unix:uid");
    }

    /**
     * Makes the var folder and takes its lock, which ends with this process.
     *
     * @throws StartException if another run has it
     */
    static FileLock claim(Path var) throws StartException {
        try {
            requirePlain("var", var);
            Files.createDirectories(var);
            requireOwn(var);
            FileChannel channel =
                    FileChannel.open(
                            var.resolve(LOCK),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                throw new StartException(
                        "%s is in use by a Diskport that runs already (process %s): end that one, or name another folder with --var"
                                .formatted(var, holder(channel)));
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(
                            (ProcessHandle.current().pid() + "\n")
                                    .getBytes(StandardCharsets.US_ASCII)));
            return lock;
        } catch (IOException e) {
            throw new StartException("cannot use the var folder " + var + ": " + reason(e), e);
        }
    }

    private static FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static String holder(FileChannel channel) throws IOException {
        try (channel) {
            ByteBuffer bytes = ByteBuffer.allocate(32);
            channel.read(bytes, 0);
            String pid = StandardCharsets.US_ASCII.decode(bytes.flip()).toString().strip();
            return pid.isEmpty() ? "unknown" : pid;
        }
    }

    /** What the operating system said, without Java's name for it. */
    static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "Permission denied";
        }
        if (e instanceof NoSuchFileException) {
            return "No such file or directory";
        }
        if (e instanceof FileAlreadyExistsException) {
            return "it is no folder";
        }
        return e instanceof FileSystemException named && named.getReason() != null
                ? named.getReason()
                : String.valueOf(e.getMessage());
    }
}
