package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.it.clients.HandleHolder;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The driver's bundle is updated again and again in one process. */
class DriverUpdateTest {
    private static final String DRIVER = "driver-fuse.jar";
    private static final int UPDATES = Distribution.isLong() ? 200 : 8;

    private static final String HANDED_OVER = "is kept for its driver's next version";

    @RegisterExtension private final Bench bench = new Bench();

    private Path export;
    private Daemon daemon;

    @Test
    void nothingGrows() {
        start();
        assertNothingGrows();
    }

    @Test
    void nothingGrowsUnderClientsThatAreHandedOver() {
        start();
        Path stop = bench.folder().resolve("stop");
        Client holder = bench.clientMain(HandleHolder.class, export, 0, 4, stop);
        holder.awaitOutput("open", Daemon.START);

        assertNothingGrows();

        assertTrue(holder.runs(), holder.output());
        assertEquals(
                UPDATES,
                daemon.log().lines().filter(line -> line.contains(HANDED_OVER)).count(),
                daemon.log());
    }

    private void start() {
        Require.fuse();
        Held.need();
        Path image = bench.site().image("disk.raw", 1 << 20);
        export = bench.site().mountpoint("disk");
        bench.site().desireFileNode("disk", image);
        bench.site().desireFuse("disk", export);
        daemon = bench.start();
        daemon.awaitMounted(export);
        daemon.awaitLog("Export 'disk' (fuse) is running", Daemon.START);
    }

    private void assertNothingGrows() {
        update(1);
        update(2);
        Held before = held();

        for (int number = 3; number <= UPDATES; number++) {
            update(number);
        }

        held().assertNotMoreThan(before);
    }

    private void update(int number) {
        int said = daemon.log().length();
        bench.site().redeploy(DRIVER);
        daemon.awaitLog(said, "Export 'disk' (fuse) is running", Duration.ofSeconds(15));
        daemon.awaitMounted(export);
        bench.run("dd", "if=" + export, "of=/dev/null", "bs=4k", "count=1").ok();
        assertTrue(daemon.runs(), "after update " + number);
    }

    private Held held() {
        return Held.by(daemon, "io.diskport.fuse.FuseExportDriver");
    }
}
