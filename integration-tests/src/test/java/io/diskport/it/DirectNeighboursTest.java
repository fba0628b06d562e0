package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.it.clients.SectorWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sectors smaller than what O_DIRECT writes at once, through two exports of one node. */
class DirectNeighboursTest {
    private static final long MILLIS = Distribution.isLong() ? 60_000 : 4000;

    @RegisterExtension private final Bench bench = new Bench();

    @Test
    void nothingIsLost() throws IOException {
        Require.fuse();
        Require.loopDevices();
        Require.tool("mkfs.ext4", "e2fsprogs");
        Site site = bench.site();
        Path image = Site.image(diskOfLargeBlocks().resolve("disk.raw"), 1 << 20);
        Path even = site.mountpoint("even");
        Path odd = site.mountpoint("odd");
        site.desireFileNode("disk", image, "cache.direct = on");
        site.desireExport("even", "fuse", "node-name = disk", "mountpoint = " + even);
        site.desireExport("odd", "fuse", "node-name = disk", "mountpoint = " + odd);
        Daemon daemon = bench.start();
        daemon.awaitMounted(even);
        daemon.awaitMounted(odd);

        Client first = bench.clientMain(SectorWriter.class, even, image, 0, MILLIS);
        Client second = bench.clientMain(SectorWriter.class, odd, image, 1, MILLIS);
        first.awaitOutput("ready", Daemon.START);
        second.awaitOutput("ready", Daemon.START);
        first.go();
        second.go();

        for (Client client : new Client[] {first, second}) {
            String said = client.await(Duration.ofMillis(MILLIS + 20_000)).ok();
            assertTrue(said.contains("kept, rounds "), said);
        }
    }

    /** A file system on a device that takes no less than 4096 bytes at once. */
    private Path diskOfLargeBlocks() throws IOException {
        Path device = Site.image(bench.folder().resolve("device"), 64 << 20);
        Path folder = Files.createDirectories(bench.folder().resolve("blocks"));
        String loop =
                bench.run("losetup", "--find", "--show", "--sector-size", "4096", device)
                        .ok()
                        .strip();
        try {
            bench.run("mkfs.ext4", "-q", loop).ok();
            bench.run("mount", loop, folder).ok();
        } finally {
            // It goes when the mount does.
            bench.run("losetup", "--detach", loop).ok();
        }
        return folder;
    }
}
