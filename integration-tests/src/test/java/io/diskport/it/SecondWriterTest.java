package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An image that a daemon has open for writing, and who else wants it. */
class SecondWriterTest {
    @RegisterExtension private static final Bench BENCH = new Bench();

    private static Path image;
    private static Path export;
    private static Shell shell;

    @BeforeAll
    static void start() {
        Require.fuse();
        image = BENCH.site().image("disk.raw", 1 << 20);
        export = BENCH.site().mountpoint("disk");
        BENCH.site().desireFileNode("disk", image);
        BENCH.site().desireFuse("disk", export);
        shell = BENCH.shell().ready();
        shell.awaitMounted(export);
    }

    @Test
    void qemuMayNotWrite() {
        Require.tool("qemu-io", "qemu-utils");
        Client.Result written = BENCH.run("qemu-io", "-f", "raw", "-c", "write 0 512", image);
        assertNotEquals(0, written.status(), written.output());
        assertTrue(written.output().contains("lock"), written.output());
    }

    @Test
    void anotherDaemonMayNotWrite() throws IOException {
        Site site = Site.make(BENCH.folder().resolve("second"));
        Path elsewhere = site.mountpoint("elsewhere");
        site.desireFileNode("disk", image);
        site.desireFuse("disk", elsewhere);
        Shell second = BENCH.closing(Shell.start(site));
        String refused = second.awaitRow("exports", "disk", "failed", Daemon.START);
        assertTrue(refused.contains(image.toString()), refused);
        assertTrue(refused.contains("lock"), refused);
        second.end();
    }

    @Test
    void anotherNodeOfTheSameDaemonMayNotWrite() {
        Path elsewhere = BENCH.site().mountpoint("elsewhere");
        String said =
                shell.type("node-add file node-name=again filename=" + image)
                        + shell.type(
                                "export-add fuse id=again node-name=again writable=on mountpoint="
                                        + elsewhere);
        assertTrue(said.contains("lock on '" + image + "'"), said);
        assertFalse(shell.mounts().contains(elsewhere), said);
    }

    @Test
    void qemuMayCompare() {
        Require.tool("qemu-img", "qemu-utils");
        String said = BENCH.run("qemu-img", "compare", "-f", "raw", image, export).ok();
        assertTrue(said.contains("Images are identical"), said);
    }

    @Test
    void qemuMayLook() {
        Require.tool("qemu-img", "qemu-utils");
        String said = BENCH.run("qemu-img", "info", "-f", "raw", export).ok();
        assertTrue(said.contains("1 MiB"), said);
    }
}
