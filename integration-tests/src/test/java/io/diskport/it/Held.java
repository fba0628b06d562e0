package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What a daemon holds that must not grow when a driver is updated. */
record Held(long libraries, int threads, long descriptors, long loaders, long drivers) {
    /** What may be on its way: a thread that is just ending, the revision before this one. */
    private static final int THREAD_SLACK = 4;

    private static final int LOADER_SLACK = 1;

    /** Files that the daemon happens to have open, such as the one it deploys. */
    private static final int DESCRIPTOR_SLACK = 3;

    private static Path jcmd() {
        return Distribution.javaHome().resolve("bin/jcmd");
    }

    static void need() {
        Require.that(Files.isExecutable(jcmd()), "needs a JDK with jcmd, not only a JRE");
    }

    /**
     * Counts.
     *
     * @param driver the name of a class that each version of the driver has one object of
     */
    static Held by(Daemon daemon, String driver) {
        String histogram =
                Client.run(daemon.site().folder(), jcmd(), daemon.pid(), "GC.class_histogram").ok();
        Path process = Path.of("/proc/" + daemon.pid());
        try (Stream<Path> tasks = Files.list(process.resolve("task"));
                Stream<Path> open = Files.list(process.resolve("fd"));
                Stream<String> maps = Files.lines(process.resolve("maps"))) {
            return new Held(
                    maps.filter(line -> line.matches(".*(jffi|libfuse).*")).count(),
                    (int) tasks.count(),
                    open.count(),
                    instances(
                            histogram,
                            "org.apache.felix.framework.BundleWiringImpl$BundleClassLoader"),
                    instances(histogram, driver));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    void assertNotMoreThan(Held before) {
        String both = before + " before, " + this + " after";
        assertEquals(before.libraries, libraries, both);
        assertTrue(threads <= before.threads + THREAD_SLACK, both);
        assertTrue(descriptors <= before.descriptors + DESCRIPTOR_SLACK, both);
        assertTrue(loaders <= before.loaders + LOADER_SLACK, both);
        assertTrue(drivers <= before.drivers + LOADER_SLACK, both);
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
