package io.diskport.it;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program in a process of its own. What does I/O on a mount is one of these: a request that never
 * gets its answer then hangs the program and not the tests.
 */
final class Client implements AutoCloseable {
    private static final Duration USUAL = Duration.ofSeconds(30);

    private final List<String> command;
    private final Process process;
    private final Path output;

    private Client(Path folder, List<String> command) {
        this.command = command;
        try {
            output = Files.createTempFile(folder, "client", ".out");
            process =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How a program ended. */
    record Result(int status, String output) {
        /** The output of a program that has succeeded. */
        String ok() {
            if (status != 0) {
                throw new AssertionError("status " + status + ": " + output);
            }
            return output;
        }
    }

    /** Starts a program. Whoever does that closes it. */
    static Client start(Path folder, Object... command) {
        return new Client(folder, words(command));
    }

    /** Starts a main class of the tests. */
    static Client startMain(Path folder, Class<?> main, Object... arguments) {
        List<Object> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java"));
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-cp");
        command.add(Distribution.classes(main));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return start(folder, command.toArray());
    }

    /** Runs a program and waits for its end. */
    static Result run(Path folder, Object... command) {
        return run(folder, USUAL, command);
    }

    static Result run(Path folder, Duration deadline, Object... command) {
        try (Client client = start(folder, command)) {
            return client.await(deadline);
        }
    }

    long pid() {
        return process.pid();
    }

    boolean runs() {
        return process.isAlive();
    }

    /** Ends its standard input, for which our own clients wait. */
    void go() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives it a line to read. */
    void say(String line) {
        try {
            OutputStream input = process.getOutputStream();
            input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            input.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("it does not listen: " + output(), e);
        }
    }

    /** What it has said so far. */
    String output() {
        try {
            return Files.readString(output, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void awaitOutput(String text, Duration deadline) {
        Await.until(
                () -> command + " says '" + text + "'; it said: " + output(),
                deadline,
                () -> output().contains(text));
    }

    /** Waits for its end; one that does not end in time is a failure. */
    Result await(Duration deadline) {
        try {
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(
                        "hangs for longer than "
                                + deadline.toSeconds()
                                + " s: "
                                + command
                                + "; it said: "
                                + output());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        return new Result(process.exitValue(), output());
    }

    /** The programs that it has started and that run. */
    List<ProcessHandle> descendants() {
        return process.descendants().toList();
    }

    /**
     * Kills it and what it has started, so that no script leaves its programs behind; one that
     * hangs in the kernel is not waited for.
     */
    @Override
    public void close() {
        List<ProcessHandle> started = descendants();
        process.destroyForcibly();
        started.forEach(ProcessHandle::destroyForcibly);
        try {
            process.waitFor(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            Files.deleteIfExists(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> words(Object... command) {
        List<String> words = new ArrayList<>();
        for (Object word : command) {
            words.add(word.toString());
        }
        return words;
    }
}
