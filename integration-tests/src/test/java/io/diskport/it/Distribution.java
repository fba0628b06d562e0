package io.diskport.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** The distribution under test. */
final class Distribution {
    private static final Path HOME =
            Path.of(
                            System.getProperty(
                                    "diskport.home",
                                    "../distribution/target/diskport-0.2.0-SNAPSHOT"))
                    .toAbsolutePath()
                    .normalize();
    private static final Path WORK =
            Path.of(System.getProperty("diskport.work", "target/work")).toAbsolutePath();

    private Distribution() {}

    static Path program() {
        return HOME.resolve("bin/diskport");
    }

    /** A driver as it is shipped. */
    static Path driver(String jar) {
        return HOME.resolve("deploy").resolve(jar);
    }

    /** A driver that is shipped, but not deployed. */
    static Path optional(String jar) {
        return HOME.resolve("optional").resolve(jar);
    }

    static List<Path> drivers() {
        return list(HOME.resolve("deploy"), ".jar");
    }

    /** The bundles of one start level. */
    static List<Path> bundles(String level) {
        return list(HOME.resolve("bundles").resolve(level), ".jar");
    }

    /** A folder for what tests make, on a disk. */
    static Path work() {
        return WORK;
    }

    /** In place of the user's cache, where runs without a var of their own keep their archive. */
    static Path cache() {
        return WORK.resolve("cache");
    }

    /** Whether soak variants are wanted. */
    static boolean isLong() {
        return Boolean.getBoolean("diskport.long");
    }

    /** The Java to run the daemon on. */
    static Path javaHome() {
        return Path.of(System.getProperty("diskport.java.home", System.getProperty("java.home")));
    }

    /** Where a class was loaded from. */
    static Path classes(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Gives a run the class archive that an earlier one made, as a second start on the same var
     * would have it.
     */
    static void lendArchive(Path var) throws IOException {
        Path archives = Files.createDirectories(WORK.resolve("archives"));
        for (Path archive : list(archives, ".jsa")) {
            Files.copy(archive, var.resolve(archive.getFileName()));
        }
    }

    static void takeBackArchive(Path var) throws IOException {
        for (Path archive : list(var, ".jsa")) {
            Files.delete(archive);
        }
    }

    /** Keeps what a run has made, for {@link #lendArchive}. */
    static void keepArchive(Path var) throws IOException {
        for (Path made : list(var, ".new")) {
            String written = made.getFileName().toString().replace(".new", "");
            if (Files.exists(var.resolve(written + ".whole"))) {
                String name = written.replaceFirst("\\.jsa\\.[0-9]+$", ".jsa");
                Path kept = WORK.resolve("archives").resolve(name);
                Path half = kept.resolveSibling(name + ".half");
                Files.copy(made, half, StandardCopyOption.REPLACE_EXISTING);
                Files.move(half, kept, StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    private static List<Path> list(Path folder, String suffix) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
