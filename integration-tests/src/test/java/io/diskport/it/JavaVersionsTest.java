package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A run on another Java than that of the tests. */
class JavaVersionsTest {
    @RegisterExtension private final Bench bench = new Bench();

    @Test
    void java25() throws IOException {
        Optional<Path> java = find("*25*");
        // Not a package that the tests ask for: absence is no failure, whatever is required.
        Assumptions.assumeTrue(java.isPresent(), "no Java 25 under /usr/lib/jvm or /opt");
        Require.fuse();
        Path export = bench.site().mountpoint("disk");
        Path image = bench.site().image("disk.raw", 1 << 20);
        bench.site().desireFileNode("disk", image);
        bench.site().desireFuse("disk", export);
        Daemon daemon = bench.closing(new Daemon(bench.site(), java.get(), List.of(), List.of()));

        daemon.awaitMounted(export);
        bench.run("sh", "-c", "echo kept | dd of=$0 conv=notrunc,fsync", export).ok();
        assertEquals("kept", bench.run("head", "-n", "1", export).ok().strip());
        daemon.end();

        assertEquals("kept", bench.run("head", "-c", "4", image).ok());
        assertEquals(
                0, daemon.log().lines().filter(line -> line.contains("WARN")).count(), daemon::log);
    }

    private static Optional<Path> find(String pattern) throws IOException {
        for (String folder : new String[] {"/usr/lib/jvm", "/opt"}) {
            if (!Files.isDirectory(Path.of(folder))) {
                continue;
            }
            try (DirectoryStream<Path> homes = Files.newDirectoryStream(Path.of(folder), pattern)) {
                for (Path home : homes) {
                    if (Files.isExecutable(home.resolve("bin/java"))) {
                        return Optional.of(home);
                    }
                }
            }
        }
        return Optional.empty();
    }
}
