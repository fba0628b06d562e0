package io.diskport.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A place to work at: a folder on a disk with a site, and daemons and clients that end with the
 * test. In a static field it lasts for all tests of a class.
 */
final class Bench
        implements BeforeAllCallback, AfterAllCallback, BeforeEachCallback, AfterEachCallback {
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private boolean shared;
    private boolean failed;
    private Path folder;
    private Site site;
    private Path sockets;

    Path folder() {
        return folder;
    }

    Site site() {
        return site;
    }

    /**
     * A path for a Unix socket. It is short, wherever the tests are: the system takes 107 bytes.
     *
     * @param name the last part of it
     */
    Path socket(String name) throws IOException {
        if (sockets == null) {
            sockets = Files.createTempDirectory("diskport");
        }
        return sockets.resolve(name);
    }

    Daemon start() {
        return closing(Daemon.start(site));
    }

    Shell shell() {
        return closing(Shell.start(site));
    }

    /** A program that runs beside the test. */
    Client client(Object... command) {
        return closing(Client.start(folder, command));
    }

    /** One of our own clients. */
    Client clientMain(Class<?> main, Object... arguments) {
        return closing(Client.startMain(folder, main, arguments));
    }

    /** Runs a program to its end. */
    Client.Result run(Object... command) {
        return Client.run(folder, command);
    }

    /** Closes something when the test ends, before what was opened earlier. */
    <T extends AutoCloseable> T closing(T resource) {
        open.push(resource);
        return resource;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        shared = true;
        open(context.getRequiredTestClass().getSimpleName());
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        if (!shared) {
            open(
                    context.getRequiredTestClass().getSimpleName()
                            + "."
                            + context.getRequiredTestMethod().getName());
        }
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        if (context.getExecutionException().isPresent()) {
            failed = true;
            sayLogs(context.getDisplayName());
        }
        if (!shared) {
            close();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        close();
    }

    private void open(String name) throws IOException {
        folder = Distribution.work().resolve(name);
        Mounts.clear(folder);
        delete(folder);
        Files.createDirectories(folder);
        site = Site.make(folder.resolve("site"));
    }

    private void sayLogs(String test) {
        System.out.println("=== " + test + " failed");
        for (AutoCloseable resource : open) {
            if (resource instanceof Daemon daemon) {
                System.out.println("=== log of process " + daemon.pid());
                System.out.println(daemon.log());
                System.out.println("=== output of process " + daemon.pid());
                System.out.println(daemon.output());
            }
        }
    }

    private void close() throws Exception {
        Exception failure = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                failure = e;
            }
        }
        Mounts.clear(folder);
        if (!failed) {
            delete(folder);
        }
        if (sockets != null) {
            delete(sockets);
            sockets = null;
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
