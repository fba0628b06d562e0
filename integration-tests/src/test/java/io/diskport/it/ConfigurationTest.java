package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What conf/ asks for is what there is. */
class ConfigurationTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String PID = "io.diskport.export-disk";

    @RegisterExtension private final Bench bench = new Bench();

    private Path export;

    @BeforeEach
    void desire() {
        Require.fuse();
        export = bench.site().mountpoint("disk");
        bench.site().desireNode("disk", "memory", "size = 1M");
        bench.site().desireFuse("disk", export);
    }

    @Test
    void exportGoesAndComesWithItsFile() {
        Daemon daemon = bench.start();
        daemon.awaitMounted(export);

        bench.site().removeConfiguration(PID);
        daemon.awaitUnmounted(export, SOON);
        bench.site().desireFuse("disk", export);

        daemon.awaitMounted(export, SOON);
        daemon.end();
    }

    @Test
    void exportIsMadeAnewWhenItsFileChanges() {
        Path other = bench.site().mountpoint("other");
        Daemon daemon = bench.start();
        daemon.awaitMounted(export);

        bench.site().desireFuse("disk", other);

        daemon.awaitMounted(other, SOON);
        daemon.awaitUnmounted(export, SOON);
        daemon.end();
    }

    @Test
    void exportWhoseFileWentWhileNobodyLookedIsNotMade() {
        Daemon first = bench.start();
        first.awaitMounted(export);
        first.end();
        bench.site().removeConfiguration(PID);

        Shell next = bench.shell();
        next.awaitRow("nodes", "disk", "running", Daemon.START);
        assertTrue(Shell.row(next.type("exports"), "disk").isEmpty(), "no export");
    }

    @Test
    void secondFileWithAnIdIsRefusedUntilTheFirstIsGone() {
        Path other = bench.site().mountpoint("other");
        Daemon daemon = bench.start();
        daemon.awaitMounted(export);

        bench.site()
                .configure(
                        "io.diskport.export-again",
                        Stream.of(
                                "type = fuse",
                                "id = disk",
                                "node-name = disk",
                                "mountpoint = " + other));
        daemon.awaitLog(
                "io.diskport.export-again.cfg: Block export id 'disk' is already in use", SOON);
        assertTrue(daemon.mounts().contains(export), "the first one goes on");
        bench.site().removeConfiguration(PID);

        daemon.awaitMounted(other, SOON);
        daemon.end();
    }

    @Test
    void mistakeInOneFileDoesNotKeepTheOthers() {
        bench.site().desireNode("wrong", "memory", "size = much");
        Daemon daemon = bench.start();
        daemon.awaitLog("Node 'wrong' failed: ", Daemon.START);
        daemon.awaitMounted(export);
        daemon.end();
    }
}
