package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A host without libfuse 2 and 3, made by hiding both in a mount namespace of the daemon's own. */
class MissingLibraryTest {
    private static final String REASON = "apt-get install fuse3";

    @RegisterExtension private final Bench bench = new Bench();

    @Test
    void driverWaitsWithItsReasonAndAppearsWithTheLibrary() {
        Require.fuse();
        Require.tool("unshare", "util-linux");
        Path export = bench.site().mountpoint("disk");
        bench.site().desireFileNode("disk", bench.site().image("disk.raw", 1 << 20));
        bench.site().desireFuse("disk", export);
        List<Path> libraries = libraries();
        String hide =
                libraries.stream()
                        .map(library -> "mount --bind /dev/null " + library)
                        .collect(Collectors.joining(" && "));
        Shell shell =
                bench.closing(
                        new Shell(
                                bench.site(),
                                List.of(
                                        "unshare",
                                        "--mount",
                                        "--propagation",
                                        "private",
                                        "sh",
                                        "-c",
                                        hide + " && exec \"$0\" \"$@\"")));

        shell.ready();
        String driver = shell.awaitRow("drivers", "export  fuse", "not in service", Daemon.START);
        assertTrue(driver.contains(REASON), driver);
        String waiting = shell.awaitRow("exports", "disk", REASON, Daemon.START);
        assertTrue(waiting.contains("waiting"), waiting);
        String refusal = shell.type("export-add fuse id=x node-name=disk mountpoint=" + export);
        assertTrue(refusal.contains(REASON), refusal);
        assertTrue(Shell.row(shell.type("nodes"), "disk").contains("running"), "the node runs");

        // libfuse 2 comes back first: the driver takes either, the libfuse engine needs the 2.
        for (Path library : libraries) {
            bench.run("nsenter", "-t", shell.pid(), "-m", "umount", library).ok();
        }
        shell.awaitRow("exports", "disk", "running", Duration.ofSeconds(10));
        shell.awaitMounted(export);
    }

    /** The files of libfuse 2, and then those of libfuse 3 beside them. */
    private static List<Path> libraries() {
        List<Path> two = Require.libfuse();
        Stream<Path> three =
                two.stream().map(Path::getParent).distinct().flatMap(MissingLibraryTest::libfuse3);
        return Stream.concat(two.stream(), three).toList();
    }

    private static Stream<Path> libfuse3(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files
                    .filter(file -> file.getFileName().toString().startsWith("libfuse3.so."))
                    .filter(file -> !Files.isSymbolicLink(file))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
