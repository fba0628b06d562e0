package io.diskport.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a driver's earlier versions must not keep: threads, descriptors, class loaders. */
final class Held {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    /** What may be on its way, of the framework's own. */
    private static final int SLACK = 2;

    private static final int LOOKS = 100;
    private static final long PAUSE_NANOS = 1_000_000;

    /** By name, so that a pool that shrinks does not hide what stays. */
    private final Map<String, Long> threads = threads();

    private final long descriptors = fewestDescriptors();

    /** The fewest that are seen within a moment: what is on its way out is not held. */
    private static long fewestDescriptors() {
        long fewest = descriptors();
        for (int i = 0; i < LOOKS; i++) {
            LockSupport.parkNanos(PAUSE_NANOS);
            fewest = Math.min(fewest, descriptors());
        }
        return fewest;
    }

    /**
     * Waits until no more is held than when this was made.
     *
     * @param loaders of versions that are gone
     */
    void assertNotMore(List<WeakReference<ClassLoader>> loaders) {
        await(
                () -> "threads end, but these are more: " + moreThreads(),
                () -> moreThreads().isEmpty());
        await(
                () -> "descriptors are closed: " + descriptors + " before, now " + descriptors(),
                () -> descriptors() <= descriptors + SLACK);
        await(
                () -> "class loaders of earlier versions go; " + alive(loaders) + " are held",
                // The framework keeps the revision before the present one.
                () -> alive(loaders) <= 1);
    }

    /** Some things go only when their owner has been collected: a client's of the test, too. */
    private static void await(Supplier<String> what, Callable<Boolean> condition) {
        Await.until(
                what,
                () -> {
                    if (condition.call()) {
                        return true;
                    }
                    System.gc();
                    return false;
                });
    }

    private static long alive(List<WeakReference<ClassLoader>> loaders) {
        return loaders.stream().filter(loader -> loader.get() != null).count();
    }

    private static Map<String, Long> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .collect(
                        Collectors.groupingBy(
                                thread -> thread.getName().replaceAll("[0-9]+", "N"),
                                TreeMap::new,
                                Collectors.counting()));
    }

    private List<String> moreThreads() {
        List<String> more = new ArrayList<>();
        threads()
                .forEach(
                        (name, count) -> {
                            long before = threads.getOrDefault(name, 0L);
                            if (count > before + SLACK) {
                                more.add("'" + name + "', " + before + " before, now " + count);
                            }
                        });
        return more;
    }

    private static long descriptors() {
        if (!Files.isDirectory(DESCRIPTORS)) {
            return 0;
        }
        try (Stream<Path> open = Files.list(DESCRIPTORS)) {
            return open.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
