package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.diskport.it.fuse.OracleMain;
import io.diskport.natives.Libc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever is done to an export gives the results and the bytes that a file would give.
 *
 * <p>-Ddiskport.seed=… repeats a failure; else the operations are the same each time, and others
 * each time in a long run.
 */
@ParameterizedClass
@EnumSource(FuseEngine.class)
class FuseOracleTest {
    private static final int OPERATIONS = Distribution.isLong() ? 50_000 : 1_000;
    private static final Duration DEADLINE = Duration.ofMinutes(Distribution.isLong() ? 15 : 2);
    private static final long SEED =
            Long.getLong("diskport.seed", Distribution.isLong() ? System.nanoTime() : 20261122);
    private static final int SIZE = 1_000_001;
    private static final long FIVE_GIB = 5L << 30;

    @RegisterExtension private final Bench bench = new Bench();

    @Parameter private FuseEngine engine;

    @BeforeEach
    void need() {
        Require.fuse();
    }

    @Test
    void itIsLikeAPlainFileOnADisk() {
        assertSame(compareWithPlainFile(bench.folder(), 0, OPERATIONS));
    }

    @Test
    void itIsLikeAPlainFileInMemory() {
        assertSame(compareWithPlainFile(memory(), 0, OPERATIONS));
    }

    @Test
    void itIsLikeAPlainFileBeyondFourGibibytes() {
        assertSame(compareWithPlainFile(bench.folder(), FIVE_GIB, OPERATIONS / 10));
    }

    @Test
    void itIsWhatWasWrittenThroughMappingsAndWithout() {
        Path image = Site.image(memory().resolve("disk.raw"), SIZE);
        assertSame(compare(0, OPERATIONS, export(image), image));
    }

    private Client.Result compareWithPlainFile(Path folder, long base, int operations) {
        Path image = Site.image(folder.resolve("disk.raw"), base + SIZE);
        Path plain = Site.image(folder.resolve("plain"), base + SIZE);
        return compare(base, operations, export(image), image, plain);
    }

    private Path export(Path image) {
        Path export = bench.site().mountpoint("disk");
        bench.site().desireFileNode("disk", image, "discard = unmap");
        engine.desire(bench.site(), "disk", export);
        bench.start().awaitMounted(export);
        return export;
    }

    private Client.Result compare(long base, int operations, Path... files) {
        List<Object> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java"));
        command.add("-cp");
        command.add(
                Distribution.classes(OracleMain.class) + ":" + Distribution.classes(Libc.class));
        command.add(OracleMain.class.getName());
        command.addAll(List.of(engine, SEED, operations, base));
        command.addAll(List.of(files));
        return Client.run(bench.folder(), DEADLINE, command.toArray());
    }

    private static void assertSame(Client.Result result) {
        assertEquals(0, result.status(), () -> "seed " + SEED + "\n" + result.output());
    }

    /** A folder on a tmpfs, for this test. */
    private Path memory() {
        try {
            Path shared = Path.of("/dev/shm");
            Require.that(
                    Files.isDirectory(shared) && "tmpfs".equals(Files.getFileStore(shared).type()),
                    "needs a tmpfs at /dev/shm");
            Path folder = Files.createTempDirectory(shared, "diskport");
            bench.closing(() -> bench.run("rm", "-r", folder).ok());
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
