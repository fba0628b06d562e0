package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.it.drivers.creating.CreatingExportDriver;
import io.diskport.it.drivers.hanging.HangingNodeDriver;
import io.diskport.it.drivers.nbd.NbdDriver;
import io.diskport.it.drivers.pulse.PulseExportDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A bundle is removed while something of it does not come to an end; everything else goes on. */
class HangingPartsTest {
    /** How long the end of an export may take, and a look of File Install's. */
    private static final Duration BOUND = Duration.ofSeconds(12);

    /** What an export that has nothing to do with it may have to wait on a busy machine. */
    private static final long LONGEST_WAIT_MILLIS = 3000;

    @RegisterExtension private final Bench bench = new Bench();

    private Site site;
    private Path pulse;
    private Path export;

    @BeforeEach
    void make() throws Exception {
        Require.fuse();
        site = bench.site();
        site.undeploy("driver-nbd.jar"); // A later bundle of that name is looked for.
        pulse = bench.folder().resolve("pulse");
        export = site.mountpoint("disk");
        site.deploy(Bundles.build(bench.folder(), PulseExportDriver.class));
        site.desireNode("m", "memory", "size = 1M");
        site.desireExport("pulse", "pulse", "node-name = m", "file = " + pulse);
    }

    @Test
    void nodeThatHangs() throws Exception {
        site.deploy(Bundles.build(bench.folder(), HangingNodeDriver.class));
        site.desireNode("disk", "hanging");
        site.desireFuse("disk", export);
        Shell shell = startMounted();
        Client reader = bench.client("dd", "if=" + export, "of=/dev/null", "bs=1M", "skip=12");
        shell.awaitOutput("export-info disk", "in flight      1", Daemon.START);

        assertRemovedWithinBounds(shell, "hanging.jar");

        assertNotEquals(0, reader.await(BOUND).status());
        shell.awaitUnmounted(export, BOUND);
        shell.end();
    }

    @Test
    void openFileAndThrottledQueue() throws Exception {
        site.configure(
                "io.diskport.object-slow",
                Stream.of("qom-type = throttle-group", "id = slow", "limits.bps-total = 4K"));
        site.desireNode("disk", "throttle", "throttle-group = slow", "file = m");
        site.desireFuse("disk", export);
        Shell shell = startMounted();
        Client open = bench.client("tail", "-f", "-c", "1", export);
        Client reader =
                bench.client("dd", "if=" + export, "of=/dev/null", "bs=128k", "iflag=direct");
        shell.awaitOutput("export-info disk", "process " + reader.pid(), Daemon.START);

        assertRemovedWithinBounds(shell, "driver-fuse.jar");

        assertNotEquals(0, reader.await(BOUND).status());
        shell.awaitUnmounted(export, BOUND);
        open.close();
        shell.end();
    }

    @Test
    void creationInProgress() throws Exception {
        Path during = Files.createFile(bench.folder().resolve("during"));
        site.deploy(Bundles.build(bench.folder(), CreatingExportDriver.class));
        site.desireExport("disk", "creating", "node-name = m", "during = " + during);
        Shell shell = bench.shell();
        shell.awaitLog("is being created", Daemon.START);

        assertRemovedWithinBounds(shell, "creating.jar");

        Files.delete(during);
        shell.awaitLog("was deleted", Daemon.END);
        shell.end();
    }

    private Shell startMounted() {
        Shell shell = bench.shell();
        shell.awaitMounted(export);
        shell.awaitRow("exports", "disk", "running", Daemon.START);
        return shell;
    }

    /** The bundle goes, another that comes is seen right after, and the pulse goes on. */
    private void assertRemovedWithinBounds(Shell shell, String jar) throws Exception {
        Path next = Bundles.build(bench.folder(), NbdDriver.class);
        long before = pulse(0);
        int said = shell.log().length();
        long begin = System.nanoTime();

        site.undeploy(jar);
        shell.awaitLog(said, "Uninstalling bundle", Daemon.END);
        site.deploy(next, "driver-nbd.jar");

        shell.awaitRow("drivers", "export  nbd", "serving", BOUND);
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        assertTrue(took.compareTo(BOUND) < 0, () -> "the next bundle came after " + took);
        Await.until("the pulse goes on", BOUND, () -> pulse(0) > before);
        assertTrue(pulse(1) < LONGEST_WAIT_MILLIS, () -> "an answer took " + pulse(1) + " ms");
    }

    /** The number of answers (0), or how long the longest took in ms (1). */
    private long pulse(int field) {
        try {
            Await.until("a pulse", Daemon.START, () -> Files.exists(pulse));
            return Long.parseLong(Files.readString(pulse).split(" ")[field]);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
