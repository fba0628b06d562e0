package io.diskport.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * What tests need of their host. Where it is missing the test is skipped with the reason; in an
 * environment with DISKPORT_REQUIRE_ALL=true it fails instead.
 */
final class Require {
    private static final String[] FOLDERS = {"/usr/sbin", "/usr/bin", "/sbin", "/bin"};

    private Require() {}

    /** Skips, or fails, unless the condition holds. */
    static void that(boolean there, String missing) {
        if (!there && "true".equals(System.getenv("DISKPORT_REQUIRE_ALL"))) {
            Assertions.fail("DISKPORT_REQUIRE_ALL=true: " + missing);
        }
        Assumptions.assumeTrue(there, missing);
    }

    static void root() {
        that(isRoot(), "needs root");
    }

    /** What a FUSE export needs. */
    static void fuse() {
        root();
        that(Files.exists(Path.of("/dev/fuse")), "needs /dev/fuse");
        that(!libfuse().isEmpty(), "needs libfuse 2 (Debian: apt-get install libfuse2)");
    }

    static void loopDevices() {
        root();
        that(Files.exists(Path.of("/dev/loop-control")), "needs loop devices");
        tool("losetup", "mount");
    }

    /**
     * Needs a program.
     *
     * @param debianPackage what brings it
     */
    static void tool(String name, String debianPackage) {
        boolean there =
                Stream.concat(
                                Arrays.stream(FOLDERS),
                                Arrays.stream(
                                        Optional.ofNullable(System.getenv("PATH"))
                                                .orElse("")
                                                .split(":")))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
        that(there, "needs " + name + " (Debian: apt-get install " + debianPackage + ")");
    }

    /** The files of libfuse 2 on this host, without links. */
    static java.util.List<Path> libfuse() {
        return Stream.of("/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib")
                .map(Path::of)
                .filter(Files::isDirectory)
                .flatMap(Require::libfuseBelow)
                .distinct()
                .toList();
    }

    private static Stream<Path> libfuseBelow(Path folder) {
        try (Stream<Path> files =
                Files.find(
                        folder.toRealPath(),
                        2,
                        (path, attributes) ->
                                path.getFileName().toString().startsWith("libfuse.so.2"))) {
            return files.map(Require::real).toList().stream();
        } catch (IOException | java.io.UncheckedIOException e) {
            return Stream.of();
        }
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path;
        }
    }

    private static boolean isRoot() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
