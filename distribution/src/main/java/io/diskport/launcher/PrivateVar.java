package io.diskport.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A var folder that goes with its run, so that a run needs no folder that somebody has prepared. A
 * run that is killed leaves it; the next one takes it away.
 */
final class PrivateVar implements AutoCloseable {
    static final String PREFIX = "diskport-run-";

    /** Younger ones may not have taken their lock yet. */
    private static final Duration YOUNG = Duration.ofSeconds(30);

    private final Path folder;

    private PrivateVar(Path folder) {
        this.folder = folder;
    }

    static PrivateVar make() throws StartException {
        Path parent = parent();
        try {
            clean(parent);
            return new PrivateVar(Files.createTempDirectory(parent, PREFIX));
        } catch (IOException e) {
            throw new StartException(
                    "cannot make a folder in "
                            + parent
                            + ": "
                            + Folders.reason(e)
                            + ": set TMPDIR, or name a folder with --var",
                    e);
        }
    }

    Path folder() {
        return folder;
    }

    /** What a file system still holds on to is left; that the run has ended matters more. */
    @Override
    public void close() {
        delete(folder);
    }

    /** The folder in which they lie. */
    static Path parent() {
        String named = System.getenv("TMPDIR");
        return Path.of(
                        named == null || named.isEmpty()
                                ? System.getProperty("java.io.tmpdir")
                                : named)
                .toAbsolutePath();
    }

    /** Takes away what killed runs of this user have left. */
    private static void clean(Path parent) throws IOException {
        Object self = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path candidate : found) {
                try {
                    if (Files.isDirectory(candidate, LinkOption.NOFOLLOW_LINKS)
                            && self.equals(
                                    Files.getAttribute(
                                            candidate, "unix:uid", LinkOption.NOFOLLOW_LINKS))
                            && isAbandoned(candidate)) {
                        delete(candidate);
                    }
                } catch (IOException e) {
                    // Somebody else takes it away this moment.
                }
            }
        }
    }

    private static boolean isAbandoned(Path candidate) throws IOException {
        Path lock = candidate.resolve(Folders.LOCK);
        if (Files.getLastModifiedTime(candidate).toInstant().isAfter(Instant.now().minus(YOUNG))
                || !Files.exists(lock)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
                FileLock free = channel.tryLock()) {
            return free != null;
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            // Left for the next run.
        }
    }
}
