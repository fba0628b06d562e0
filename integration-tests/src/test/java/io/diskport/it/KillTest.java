package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A daemon is killed while its mount is in use, and another one is started in its place. */
class KillTest {
    @RegisterExtension private final Bench bench = new Bench();

    private Path image;
    private Path written;

    @BeforeEach
    void need() {
        Require.fuse();
        image = bench.site().image("disk.raw", 4 << 20);
        written = bench.folder().resolve("written");
        bench.run("dd", "if=/dev/urandom", "of=" + written, "bs=1M", "count=1").ok();
    }

    @Test
    void mountsAgainOnTheSameFile() {
        Path export = bench.site().mountpoint("disk");
        assertServesAfterKill(export);
    }

    @Test
    void mountsAgainOnTheImageItself() {
        assertServesAfterKill(image);
    }

    private void assertServesAfterKill(Path export) {
        bench.site().desireFileNode("disk", image);
        bench.site().desireFuse("disk", export);
        Daemon killed = bench.start();
        killed.awaitMounted(export);
        bench.run("dd", "if=" + written, "of=" + export, "conv=notrunc,fsync").ok();
        Client user = bench.client("tail", "-f", export);
        Await.until(
                "the client has it open",
                Daemon.START,
                () ->
                        bench.run("ls", "-l", "/proc/" + user.pid() + "/fd")
                                .output()
                                .contains(export.toString()));
        killed.kill();
        assertTrue(Mounts.isMounted(export), "a dead mount is there");

        Daemon next = bench.start();
        next.awaitLog("Export 'disk' (fuse) is running", Daemon.START);
        next.awaitMounted(export);

        bench.run("cmp", "-n", 1 << 20, written, export).ok();
        user.close();
        next.end();
    }
}
