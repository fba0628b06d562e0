package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A host without libfuse, made by hiding it in a mount namespace of the daemon's own. */
class MissingLibraryTest {
    private static final String REASON = "apt-get install libfuse2";

    @RegisterExtension private final Bench bench = new Bench();

    @Test
    void driverWaitsWithItsReasonAndAppearsWithTheLibrary() {
        Require.fuse();
        Require.tool("unshare", "util-linux");
        Path export = bench.site().mountpoint("disk");
        bench.site().desireFileNode("disk", bench.site().image("disk.raw", 1 << 20));
        bench.site().desireFuse("disk", export);
        List<Path> libraries = Require.libfuse();
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

        for (Path library : libraries) {
            bench.run("nsenter", "-t", shell.pid(), "-m", "umount", library).ok();
        }
        shell.awaitRow("exports", "disk", "running", Duration.ofSeconds(10));
        shell.awaitMounted(export);
    }
}
