package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A run of bin/diskport. */
class Daemon implements AutoCloseable {
    /** How long a start may take on a busy machine; what it should take is for benchmarks. */
    static final Duration START = Duration.ofSeconds(30);

    /** Within what a daemon ends, whatever its clients and nodes do. */
    static final Duration END = Duration.ofSeconds(10);

    private static final String TERMINATED = "TERM";

    private final Site site;
    private final Process process;
    private final Path out;
    private final Path err;

    /**
     * @param before a program that becomes the daemon, with its arguments; or nothing
     */
    Daemon(Site site, Path java, List<String> before, List<String> arguments) {
        this.site = site;
        try {
            out = Files.createTempFile(site.folder(), "daemon", ".out");
            err = Files.createTempFile(site.folder(), "daemon", ".err");
            List<String> command = new ArrayList<>(before);
            command.addAll(List.of(Distribution.program().toString(), "--conf"));
            command.addAll(List.of(site.conf().toString(), "--deploy", site.deploy().toString()));
            command.addAll(List.of("--var", site.var().toString()));
            command.addAll(arguments);
            ProcessBuilder builder =
                    new ProcessBuilder(command)
                            .directory(site.folder().toFile())
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("DISKPORT_"));
            builder.environment().put("JAVA_HOME", java.toString());
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Daemon start(Site site) {
        return new Daemon(site, Distribution.javaHome(), List.of(), List.of());
    }

    final Process process() {
        return process;
    }

    final long pid() {
        return process.pid();
    }

    final boolean runs() {
        return process.isAlive();
    }

    final Site site() {
        return site;
    }

    /** What it has written to standard output so far. */
    final String output() {
        return read(out);
    }

    /** What it has logged so far. */
    String log() {
        return read(err);
    }

    final void awaitLog(String text, Duration deadline) {
        awaitLog(0, text, deadline);
    }

    /**
     * Waits for a line of the log.
     *
     * @param from how much of the log is not looked at
     */
    final void awaitLog(int from, String text, Duration deadline) {
        Await.until(
                () -> "the log says '" + text + "'; it says: " + log().substring(from),
                deadline,
                () -> log().substring(from).contains(text));
    }

    /** Waits until a file is one of this daemon's mounts. */
    final void awaitMounted(Path file) {
        awaitMounted(file, START);
    }

    final Duration awaitMounted(Path file, Duration deadline) {
        return Await.until(
                () -> "mounted on " + file + "; the log says: " + log(),
                deadline,
                () -> {
                    if (!runs()) {
                        throw new AssertionError("the daemon has ended: " + log());
                    }
                    return mounts().contains(file);
                });
    }

    final Duration awaitUnmounted(Path file, Duration deadline) {
        return Await.until(
                () -> "no mount on " + file + "; the log says: " + log(),
                deadline,
                () -> !mounts().contains(file));
    }

    final List<Path> mounts() {
        return Mounts.below(Long.toString(pid()), site.folder(), "fuse.diskport");
    }

    /** Ends it by SIGTERM, in order and in time, and looks that nothing is left. */
    final void end() {
        signal(TERMINATED);
        awaitOrderlyEnd();
    }

    final void awaitOrderlyEnd() {
        assertEquals(0, awaitExit(END), () -> "exit status; the log says: " + log());
        assertEquals(List.of(), leftovers(), "what is left");
    }

    final void signal(String name) {
        Client.run(site.folder(), "kill", "-" + name, pid()).ok();
    }

    /** Waits for its end and answers with its exit status. */
    final int awaitExit(Duration deadline) {
        try {
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(
                        "has not ended in " + deadline.toMillis() + " ms: " + log());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** SIGKILL. */
    final void kill() {
        process.destroyForcibly();
        awaitExit(END);
    }

    /** Mounts and sockets below the site's folder, which nobody may leave behind. */
    private List<Path> leftovers() {
        List<Path> left = new ArrayList<>(Mounts.below("self", site.folder(), "fuse"));
        if (!left.isEmpty()) {
            return left; // A look at the files would ask the mounts.
        }
        try (Stream<Path> files =
                Files.find(site.folder(), 9, (path, attributes) -> attributes.isOther())) {
            left.addAll(files.toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return left;
    }

    /** Ends it, by force if need be. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            Distribution.keepArchive(site.var());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
