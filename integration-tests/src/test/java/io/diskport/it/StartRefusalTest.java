package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a daemon refuses to start with. */
class StartRefusalTest {
    @RegisterExtension private final Bench bench = new Bench();

    @Test
    void configurationFolderThatOthersMayWrite() throws Exception {
        assertRefused(opened(bench.site().conf()), "conf is writable by others");
    }

    @Test
    void deployFolderThatOthersMayWrite() throws Exception {
        assertRefused(opened(bench.site().deploy()), "deploy is writable by others");
    }

    @Test
    void driverThatOthersMayWrite() throws Exception {
        Path driver = bench.site().deploy().resolve("node-file.jar");
        assertRefused(opened(driver), "node-file.jar is writable by others");
    }

    @Test
    void varFolderOfADaemonThatRuns() {
        Shell first = bench.shell().ready();

        assertRefused(
                bench.start(), "in use by a Diskport that runs already (process " + first.pid());
        assertTrue(first.type("nodes").contains("NODE"), "the first one goes on");
    }

    private Daemon opened(Path path) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xrwx"));
        return bench.start();
    }

    private static void assertRefused(Daemon daemon, String why) {
        assertEquals(1, daemon.awaitExit(Daemon.START), "exit status");
        assertEquals(1, daemon.log().lines().count(), daemon::log);
        assertTrue(daemon.log().contains(why), daemon::log);
    }
}
