package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.it.clients.HandleHolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The driver's bundle is updated again and again in one process. */
class DriverUpdateTest {
    private static final String DRIVER = "driver-fuse.jar";
    private static final int UPDATES = Distribution.isLong() ? 200 : 20;

    /** What may be on its way: a thread that is just ending, the revision before this one. */
    private static final int THREAD_SLACK = 4;

    private static final int LOADER_SLACK = 1;

    /** Files that the daemon happens to have open, such as the one it deploys. */
    private static final int DESCRIPTOR_SLACK = 3;

    private static final String HANDED_OVER = "is kept for its driver's next version";

    @RegisterExtension private final Bench bench = new Bench();

    private Path jcmd;
    private Path export;
    private Daemon daemon;

    /** What must not grow. */
    private record Held(
            long libraries, int threads, long descriptors, long loaders, long drivers) {}

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
        jcmd = Distribution.javaHome().resolve("bin/jcmd");
        Require.that(Files.isExecutable(jcmd), "needs a JDK with jcmd, not only a JRE");
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

        Held after = held();
        String both = before + " before, " + after + " after";
        assertEquals(before.libraries(), after.libraries(), both);
        assertTrue(after.threads() <= before.threads() + THREAD_SLACK, both);
        assertTrue(after.descriptors() <= before.descriptors() + DESCRIPTOR_SLACK, both);
        assertTrue(after.loaders() <= before.loaders() + LOADER_SLACK, both);
        assertTrue(after.drivers() <= before.drivers() + LOADER_SLACK, both);
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
        String histogram = bench.run(jcmd, daemon.pid(), "GC.class_histogram").ok();
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + daemon.pid() + "/task"));
                Stream<Path> open = Files.list(Path.of("/proc/" + daemon.pid() + "/fd"));
                Stream<String> maps = Files.lines(Path.of("/proc/" + daemon.pid() + "/maps"))) {
            return new Held(
                    maps.filter(line -> line.matches(".*(jffi|libfuse).*")).count(),
                    (int) tasks.count(),
                    open.count(),
                    instances(
                            histogram,
                            "org.apache.felix.framework.BundleWiringImpl$BundleClassLoader"),
                    instances(histogram, "io.diskport.fuse.FuseExportDriver"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A line is: rank, instances, bytes, class, module; there may be one for each loader. */
    private static long instances(String histogram, String type) {
        return histogram
                .lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(words -> words.length >= 4 && words[3].equals(type))
                .mapToLong(words -> Long.parseLong(words[1]))
                .sum();
    }
}
