package io.diskport.it;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;

/** The folders of a daemon: conf, deploy and var, and beside them its images and mountpoints. */
final class Site {
    private final Path folder;

    private Site(Path folder) {
        this.folder = folder;
    }

    /** A site with the drivers that are shipped, and with nothing desired. */
    static Site make(Path folder) throws IOException {
        Site site = new Site(folder);
        for (Path part : new Path[] {folder, site.conf(), site.deploy(), site.var()}) {
            Files.createDirectories(part);
            Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        for (Path driver : Distribution.drivers()) {
            Files.copy(driver, site.deploy().resolve(driver.getFileName()));
        }
        Distribution.lendArchive(site.var());
        return site;
    }

    Path folder() {
        return folder;
    }

    Path conf() {
        return folder.resolve("conf");
    }

    Path deploy() {
        return folder.resolve("deploy");
    }

    Path var() {
        return folder.resolve("var");
    }

    /** A file of zeroes that takes no space. */
    Path image(String name, long size) {
        return image(folder.resolve(name), size);
    }

    static Path image(Path path, long size) {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(size);
            return path;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An empty file to mount on. */
    Path mountpoint(String name) {
        return image(name, 0);
    }

    /** Asks for a file node; more lines are more of its options. */
    void desireFileNode(String name, Path image, String... more) {
        desireNode(name, "file", Stream.concat(Stream.of("filename = " + image), Stream.of(more)));
    }

    void desireNode(String name, String driver, String... more) {
        desireNode(name, driver, Stream.of(more));
    }

    private void desireNode(String name, String driver, Stream<String> more) {
        configure(
                "io.diskport.node-" + name,
                Stream.concat(Stream.of("driver = " + driver, "node-name = " + name), more));
    }

    /** Asks for a writable FUSE export of the node, with its name as the export's id. */
    void desireFuse(String node, Path mountpoint) {
        desireExport(node, "fuse", "node-name = " + node, "mountpoint = " + mountpoint);
    }

    /** Asks for a listener for NBD exports on a Unix socket; more lines are more of its options. */
    void desireNbdServer(String id, Path socket, String... more) {
        desireObject(
                id,
                "nbd-server",
                Stream.concat(
                                Stream.of("addr.type = unix", "addr.path = " + socket),
                                Stream.of(more))
                        .toArray(String[]::new));
    }

    /** Asks for a writable NBD export of the node, with its name as the export's id and name. */
    void desireNbd(String node, String server) {
        desireExport(node, "nbd", "node-name = " + node, "server = " + server);
    }

    void desireObject(String id, String type, String... more) {
        configure(
                "io.diskport.object-" + id,
                Stream.concat(Stream.of("qom-type = " + type, "id = " + id), Stream.of(more)));
    }

    /** Asks for a writable export. */
    void desireExport(String id, String type, String... more) {
        configure(
                "io.diskport.export-" + id,
                Stream.concat(
                        Stream.of("type = " + type, "id = " + id, "writable = on"),
                        Stream.of(more)));
    }

    /** Writes a configuration in one step. */
    void configure(String pid, Stream<String> lines) {
        put(
                String.join("\n", lines.toList()).getBytes(java.nio.charset.StandardCharsets.UTF_8),
                conf().resolve(pid + ".cfg"));
    }

    void removeConfiguration(String pid) {
        delete(conf().resolve(pid + ".cfg"));
    }

    /** Puts a bundle into deploy/ in one step. */
    void deploy(Path jar) {
        deploy(jar, jar.getFileName().toString());
    }

    void deploy(Path jar, String name) {
        try {
            put(Files.readAllBytes(jar), deploy().resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts a bundle of deploy/ there once more, as another version of it would be. */
    void redeploy(String name) {
        try {
            Path there = deploy().resolve(name);
            FileTime later =
                    FileTime.fromMillis(Files.getLastModifiedTime(there).toMillis() + 2000);
            Path half = deploy().resolve("." + name);
            Files.copy(there, half);
            Files.setLastModifiedTime(half, later);
            Files.move(half, there, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void undeploy(String name) {
        delete(deploy().resolve(name));
    }

    private static void put(byte[] content, Path file) {
        try {
            Path half = file.resolveSibling("." + file.getFileName());
            Files.write(half, content);
            Files.setPosixFilePermissions(half, PosixFilePermissions.fromString("rw-r--r--"));
            Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
