package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.it.clients.HandleHolder;
import io.diskport.it.drivers.hanging.HangingNodeDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What a version of the FUSE driver leaves for the next one: where nobody or something else comes.
 */
class FuseHandoverTest {
    private static final String DRIVER = "driver-fuse.jar";
    private static final String KEPT = "Export 'disk' is kept for its driver's next version";
    private static final String RUNNING = "Export 'disk' (fuse) is running";
    private static final Duration SOON = Duration.ofSeconds(20);

    /** How long core keeps a hand-over, and some more. */
    private static final Duration KEPT_FOR = Duration.ofSeconds(50);

    private static final int SIZE = 16 << 20;

    private static final int GROWN = 65536;

    /** Writes 64 KiB beyond the end, keeps the file open, and then writes 64 KiB more. */
    private static final String GROW =
            """
            {
                head -c 65536 /dev/zero
                until [ -e "$2" ]; do sleep 0.1; done
                head -c 65536 /dev/zero
            } | dd of="$0" bs=4k seek="$1" oflag=seek_bytes conv=notrunc
            """;

    @RegisterExtension private final Bench bench = new Bench();

    private Path image;
    private Path export;
    private Path stop;
    private Client holder;

    @BeforeEach
    void desire() {
        Require.fuse();
        image = bench.site().image("disk.raw", SIZE);
        export = bench.site().mountpoint("disk");
        stop = bench.folder().resolve("stop");
        bench.site().desireFileNode("disk", image);
        bench.site().desireFuse("disk", export);
    }

    @Test
    void driverThatIsTakenOutLeavesNothing() {
        Daemon daemon = startWithHolder();

        bench.site().undeploy(DRIVER);
        daemon.awaitUnmounted(export, SOON);

        assertHolderFails();
        assertNothingIsHeld(daemon);
        bench.site().deploy(Distribution.driver(DRIVER));
        daemon.awaitMounted(export, SOON);
        assertServes();
        daemon.end();
    }

    @Test
    void nextVersionThatDoesNotCome() throws Exception {
        Assumptions.assumeTrue(
                Distribution.isLong(), "waits for half a minute: only with -Ddiskport.long=true");
        Daemon daemon = startWithHolder();
        leave(daemon);
        assertTrue(holder.runs(), () -> "the holder waits: " + holder.output());

        daemon.awaitLog("no next version of its driver came in time", KEPT_FOR);
        daemon.awaitUnmounted(export, SOON);

        assertHolderFails();
        assertNothingIsHeld(daemon);
        int said = daemon.log().length();
        bench.site().deploy(Distribution.driver(DRIVER));
        daemon.awaitLog(said, RUNNING, SOON);
        assertServes();
        daemon.end();
    }

    @Test
    void daemonStopsMeanwhile() throws Exception {
        Daemon daemon = startWithHolder();
        leave(daemon);

        daemon.end();

        assertHolderFails();
    }

    @Test
    void daemonIsKilledMeanwhile() throws Exception {
        Daemon daemon = startWithHolder();
        leave(daemon);
        daemon.kill();
        assertTrue(Mounts.isMounted(export), "a dead mount is there");
        assertHolderFails();
        bench.site().deploy(Distribution.driver(DRIVER));

        Daemon next = bench.start();
        next.awaitLog(RUNNING, Daemon.START);

        assertServes();
        next.end();
    }

    @Test
    void nodeThatHangs() throws Exception {
        bench.site().deploy(Bundles.build(bench.folder(), HangingNodeDriver.class));
        bench.site().removeConfiguration("io.diskport.node-disk");
        bench.site().desireNode("disk", "hanging");
        Shell shell = bench.shell();
        shell.awaitLog(RUNNING, Daemon.START);
        Client idle = bench.client("sh", "-c", "exec sleep 60 3< \"$0\"", export);
        Client reader =
                bench.client(
                        "dd",
                        "if=" + export,
                        "of=/dev/null",
                        "bs=4k",
                        "skip=3072",
                        "count=1",
                        "iflag=direct");
        shell.awaitOutput("export-info disk", "in flight      1", Daemon.START);
        int said = shell.log().length();

        replace();

        shell.awaitLog(said, RUNNING, SOON);
        assertNotEquals(0, reader.await(SOON).status());
        assertFalse(shell.log().contains(KEPT), "nothing is handed over under a request");
        bench.run("dd", "if=" + export, "of=/dev/null", "bs=1M", "count=1").ok();
        idle.close();
        shell.end();
    }

    @Test
    void libfuseEndsAndStarts() throws Exception {
        bench.site()
                .desireExport(
                        "disk",
                        "fuse",
                        "node-name = disk",
                        "mountpoint = " + export,
                        "engine = libfuse");
        Daemon daemon = startWithHolder();
        int said = daemon.log().length();

        replace();

        daemon.awaitLog(said, RUNNING, SOON);
        assertHolderFails();
        assertFalse(daemon.log().contains(KEPT), daemon.log());
        assertServes();
        daemon.end();
    }

    @Test
    void anotherEngineIsNotHandedOverTo() throws Exception {
        Daemon daemon = startWithHolder();
        leave(daemon);
        bench.site()
                .desireExport(
                        "disk",
                        "fuse",
                        "node-name = disk",
                        "mountpoint = " + export,
                        "engine = libfuse");
        daemon.awaitLog("Updating configuration", SOON);
        int said = daemon.log().length();
        bench.site().deploy(Distribution.driver(DRIVER));

        daemon.awaitLog(said, RUNNING, SOON);
        assertHolderFails();
        assertServes();
        daemon.end();
    }

    @Test
    void passthroughIsHandedOver() throws Exception {
        bench.site()
                .desireExport(
                        "disk",
                        "fuse",
                        "node-name = disk",
                        "mountpoint = " + export,
                        "growable = on",
                        "passthrough = on");
        Daemon daemon = bench.start();
        Await.until(
                () -> "an answer about passthrough; the log says: " + daemon.log(),
                Daemon.START,
                () ->
                        daemon.log().contains(RUNNING)
                                || daemon.log().contains("kernel does not offer it"));
        Require.that(daemon.log().contains(RUNNING), "needs Linux 6.9 with FUSE passthrough");
        // Nobody tells the daemon of what the kernel writes by itself until it is closed.
        Client grower = bench.client("sh", "-c", GROW, export, SIZE, stop);
        Await.until("the image has grown", SOON, () -> Files.size(image) == SIZE + GROWN);
        List<String> before = mount();
        int said = daemon.log().length();
        replace();
        daemon.awaitLog(said, RUNNING, SOON);
        hold(daemon);
        said = daemon.log().length();
        replace();
        daemon.awaitLog(said, RUNNING, SOON);
        assertEquals(before, mount(), daemon.log());
        assertTrue(holder.runs(), holder.output());
        Files.createFile(stop);
        assertTrue(holder.await(SOON).ok().contains("kept,"), holder.output());
        grower.await(SOON).ok();
        bench.run("cmp", image, export).ok();
        assertEquals(SIZE + 2 * GROWN, Files.size(image));
        assertFalse(daemon.log().contains("anew"), daemon.log());
        daemon.end();
    }

    private Daemon startWithHolder() {
        Daemon daemon = bench.start();
        daemon.awaitLog(RUNNING, Daemon.START);
        hold(daemon);
        return daemon;
    }

    private void hold(Daemon daemon) {
        daemon.awaitMounted(export);
        holder = bench.clientMain(HandleHolder.class, export, 0, 4, stop);
        holder.awaitOutput("open", Daemon.START);
    }

    /** Puts a version there that cannot go on: what there was is kept for another one. */
    private void leave(Daemon daemon) throws Exception {
        bench.site()
                .deploy(Bundles.unresolvable(bench.folder(), Distribution.driver(DRIVER)), DRIVER);
        daemon.awaitLog(KEPT, SOON);
    }

    private void replace() {
        bench.site().redeploy(DRIVER);
    }

    private void assertHolderFails() {
        String said = holder.await(SOON).ok();
        assertTrue(said.contains("error"), said);
    }

    private void assertServes() {
        bench.run("sh", "-c", "echo kept | dd of=$0 conv=notrunc,fsync", export).ok();
        bench.run("cmp", image, export).ok();
    }

    /** No descriptor of a FUSE connection is open. */
    private static void assertNothingIsHeld(Daemon daemon) {
        Await.until(() -> "no descriptor: " + devices(daemon), SOON, () -> devices(daemon) == 0);
    }

    private static long devices(Daemon daemon) {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + daemon.pid() + "/fd"))) {
            return open.filter(FuseHandoverTest::isDevice).count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isDevice(Path link) {
        try {
            return Files.readSymbolicLink(link).equals(Path.of("/dev/fuse"));
        } catch (IOException e) {
            return false;
        }
    }

    private List<String> mount() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .filter(line -> line.contains(" " + export + " "))
                .map(line -> line.split(" ")[0])
                .toList();
    }
}
