package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the image lies on fails. */
class FullDiskTest {
    @RegisterExtension private final Bench bench = new Bench();

    @Test
    void clientLearnsThatTheDiskIsFull() throws IOException {
        Require.fuse();
        Path small = Files.createDirectories(bench.folder().resolve("small"));
        bench.run("mount", "-t", "tmpfs", "-o", "size=4M", "small", small).ok();
        Path export = bench.site().mountpoint("disk");
        bench.site().desireFileNode("disk", Site.image(small.resolve("disk.raw"), 32 << 20));
        bench.site().desireFuse("disk", export);
        Daemon daemon = bench.start();
        daemon.awaitMounted(export);

        Client.Result written =
                bench.run(
                        "dd",
                        "if=/dev/zero",
                        "of=" + export,
                        "bs=64k",
                        "count=256",
                        "conv=notrunc,fsync");

        assertNotEquals(0, written.status(), written.output());
        assertTrue(written.output().contains("No space left on device"), written.output());
        String read = bench.run("dd", "if=" + export, "of=/dev/null", "bs=1M", "count=32").ok();
        assertTrue(read.contains("32+0 records in"), read);
        daemon.end();
    }

    @Test
    void imageThatWasDeletedServesUntilTheEnd() throws IOException {
        Require.fuse();
        Path image = bench.site().image("disk.raw", 1 << 20);
        Path export = bench.site().mountpoint("disk");
        bench.site().desireFileNode("disk", image);
        bench.site().desireFuse("disk", export);
        Daemon daemon = bench.start();
        daemon.awaitMounted(export);

        Files.delete(image);

        bench.run("sh", "-c", "echo kept | dd of=$0 conv=notrunc,fsync", export).ok();
        assertEquals("kept", bench.run("head", "-n", "1", export).ok().strip());
        daemon.end();
    }
}
