package io.diskport.it;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What stands beneath exports is replaced. */
class ReplacementTest {
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final String NODES = "node-file.jar";

    @RegisterExtension private final Bench bench = new Bench();

    private Path export;
    private Daemon daemon;

    @BeforeEach
    void start() {
        Require.fuse();
        export = bench.site().mountpoint("disk");
        bench.site().desireFileNode("disk", bench.site().image("disk.raw", 1 << 20));
        bench.site().desireFuse("disk", export);
        daemon = bench.start();
        daemon.awaitMounted(export);
        daemon.awaitLog("Export 'disk' (fuse) is running", Daemon.START);
        bench.run("sh", "-c", "echo kept | dd of=$0 conv=notrunc,fsync", export).ok();
    }

    @Test
    void exportsComeBackWhenTheirNodesDriverIsUpdated() {
        int said = daemon.log().length();
        bench.site().redeploy(NODES);

        daemon.awaitLog(said, "Export 'disk' has ended", SOON);
        daemon.awaitLog(said, "Export 'disk' (fuse) is running", SOON);
        assertServes();
    }

    @Test
    void exportsComeBackWhenTheirNodesDriverDoes() {
        bench.site().undeploy(NODES);
        daemon.awaitLog("Node 'disk' has ended", SOON);
        daemon.awaitUnmounted(export, SOON);

        bench.site().deploy(Distribution.driver(NODES));

        daemon.awaitMounted(export, SOON);
        assertServes();
    }

    private void assertServes() {
        daemon.awaitMounted(export);
        bench.run("sh", "-c", "test \"$(head -n 1 $0)\" = kept", export).ok();
        daemon.end();
    }
}
