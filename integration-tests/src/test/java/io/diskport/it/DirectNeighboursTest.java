package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.it.clients.SectorWriter;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sectors smaller than what O_DIRECT writes at once, through two exports of one node. */
class DirectNeighboursTest {
    private static final long MILLIS = 4000;

    @RegisterExtension private final Bench bench = new Bench();

    @Test
    void nothingIsLost() {
        Require.fuse();
        Site site = bench.site();
        Path image = site.image("disk.raw", 1 << 20);
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
            String said = client.await(Duration.ofSeconds(20)).ok();
            assertTrue(said.contains("kept, rounds "), said);
        }
    }
}
