package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A list of what deploy/ may start. */
class DeployAllowTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @RegisterExtension private final Bench bench = new Bench();

    private Path list;

    @BeforeEach
    void listAllButOne() throws IOException {
        list = bench.site().conf().resolve("deploy.allow");
        StringBuilder lines = new StringBuilder("# what sha256sum prints\n");
        for (Path driver : Distribution.drivers()) {
            if (!driver.endsWith("driver-nbd.jar")) {
                lines.append(bench.run("sha256sum", driver).ok());
            }
        }
        Files.writeString(list, lines);
        Files.setPosixFilePermissions(list, PosixFilePermissions.fromString("rw-r--r--"));
    }

    @Test
    void whatIsNotOnItIsNotStartedUntilItIs() throws IOException {
        Shell shell = bench.shell();
        shell.awaitRow("drivers", "node    file", "serving", Daemon.START);
        shell.awaitRow("drivers", "object  nbd-server", "not let in", SOON);
        shell.awaitLog("driver-nbd.jar is not started: its SHA-256 sum is not in", SOON);
        assertEquals(
                1,
                shell.log()
                        .lines()
                        .filter(line -> line.contains("is not started: its SHA"))
                        .count(),
                shell::log);
        String sum = bench.run("sha256sum", Distribution.driver("driver-nbd.jar")).ok();

        Files.writeString(list, Files.readString(list) + sum);
        bench.site().redeploy("driver-nbd.jar");

        shell.awaitRow("drivers", "object  nbd-server", "serving", SOON);
        shell.end();
    }

    @Test
    void aBundleThatIsReplacedByAnotherIsRefused() throws Exception {
        Shell shell = bench.shell();
        shell.awaitRow("drivers", "node    file", "serving", Daemon.START);
        Path other = Bundles.withVersion(bench.folder(), Distribution.driver("node-file.jar"), "9");
        bench.site().deploy(other, "node-file.jar");
        shell.awaitLog("node-file.jar is not started: its SHA-256 sum is not in", SOON);
        shell.awaitRow("drivers", "node    file", "not let in", SOON);
    }
}
