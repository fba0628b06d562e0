package io.diskport.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** What a driver's earlier versions must not keep: threads, descriptors, class loaders. */
final class Held {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    /** What may be on its way, of the framework's own. */
    private static final int SLACK = 2;

    private static final int LOOKS = 100;
    private static final long PAUSE_NANOS = 1_000_000;

    private final long threads = least(Held::threads);
    private final long descriptors = least(Held::descriptors);

    /** The least that is seen within a moment: what is on its way out is not held. */
    private static long least(LongSupplier count) {
        long least = count.getAsLong();
        for (int i = 0; i < LOOKS; i++) {
            LockSupport.parkNanos(PAUSE_NANOS);
            least = Math.min(least, count.getAsLong());
        }
        return least;
    }

    /**
     * Waits until no more is held than when this was made.
     *
     * @param loaders of versions that are gone
     */
    void assertNotMore(List<WeakReference<ClassLoader>> loaders) {
        Await.until(
                () ->
                        "threads end: "
                                + threads
                                + " before, now "
                                + Thread.getAllStackTraces().keySet(),
                () -> threads() <= threads + SLACK);
        Await.until(
                () -> "descriptors are closed: " + descriptors + " before, now " + descriptors(),
                () -> descriptors() <= descriptors + SLACK);
        Await.until(
                () -> "class loaders of earlier versions go; " + alive(loaders) + " are held",
                () -> {
                    System.gc();
                    // The framework keeps the revision before the present one.
                    return alive(loaders) <= 1;
                });
    }

    private static long alive(List<WeakReference<ClassLoader>> loaders) {
        return loaders.stream().filter(loader -> loader.get() != null).count();
    }

    private static long threads() {
        return Thread.getAllStackTraces().size();
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
