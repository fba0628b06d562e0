package io.diskport.tls.psk;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program of the host that a test starts, and what it says. */
final class Program implements AutoCloseable {
    private static final long SECONDS = 30;

    private final Process process;
    private final List<String> said = new ArrayList<>();
    private final Thread listener;
    private boolean ended;

    private Program(Process process) {
        this.process = process;
        this.listener = new Thread(this::listen, "listener");
        listener.setDaemon(true);
        listener.start();
    }

    static Program start(Path directory, String... command) throws IOException {
        return new Program(
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start());
    }

    /** Runs it to its end, which has to be a good one. */
    static String run(Path directory, String... command) throws Exception {
        try (Program program = start(directory, command)) {
            program.process.getOutputStream().close();
            int status = program.status();
            if (status != 0) {
                throw new IOException(String.join(" ", command) + ":\n" + program.said());
            }
            return program.said();
        }
    }

    void type(String text) throws IOException {
        OutputStream input = process.getOutputStream();
        input.write(text.getBytes());
        input.flush();
    }

    /** Waits until a line contains a text. */
    void waitFor(String text) throws Exception {
        waitFor(text, 1);
    }

    /** Waits until a number of lines contain a text. */
    synchronized void waitFor(String text, int times) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (said.stream().filter(line -> line.contains(text)).count() < times) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (ended || left <= 0) {
                throw new IOException("'" + text + "' is not in:\n" + String.join("\n", said));
            }
            wait(left);
        }
    }

    int status() throws Exception {
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            throw new IOException("It does not end:\n" + said());
        }
        listener.join(TimeUnit.SECONDS.toMillis(SECONDS));
        return process.exitValue();
    }

    synchronized String said() {
        return String.join("\n", said);
    }

    private void listen() {
        try (BufferedReader reader = process.inputReader()) {
            String line = reader.readLine();
            while (line != null) {
                add(line);
                line = reader.readLine();
            }
        } catch (IOException | UncheckedIOException e) {
            add(e.toString());
        }
        end();
    }

    private synchronized void add(String line) {
        said.add(line);
        notifyAll();
    }

    private synchronized void end() {
        ended = true;
        notifyAll();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
