package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What tests of sessions with either daemon have in common. */
abstract class QsdSessions {
    static final String NOTHING = "{\"return\": {}}";
    static final String NONE = "{\"return\": []}";
    private static final String NODE = "null-co,node-name=n,size=65536";

    @RegisterExtension final Bench bench = new Bench();

    Path folder;
    Path socket;
    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void folders() throws IOException {
        folder = Files.createDirectory(bench.socket("session"));
        socket = folder.resolve("monitor");
    }

    @AfterEach
    void endAll() {
        started.forEach(Process::destroyForcibly);
    }

    static Path await(Path socket) {
        Await.until(socket + " is there", Daemon.START, () -> Files.exists(socket));
        return socket;
    }

    static String listening(String id, Path socket) {
        return "socket,id=" + id + ",path=" + socket + ",server=on,wait=off";
    }

    /** What offers a node by NBD, in exports of these ids and names. */
    List<String> exporting(String... ids) {
        List<String> arguments = new ArrayList<>(List.of("--blockdev", NODE));
        arguments.add("--nbd-server");
        arguments.add("addr.type=unix,addr.path=" + folder.resolve("nbd"));
        for (String id : ids) {
            arguments.add("--export");
            arguments.add("nbd,node-name=n,name=" + id + ",id=" + id);
        }
        return arguments;
    }

    static boolean isDeletion(String line) {
        return line.contains("\"event\": \"BLOCK_EXPORT_DELETED\"");
    }

    String said() {
        try {
            return StorageDaemon.said(folder);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /**
     * Starts it.
     *
     * @param arguments words, and lists of them
     */
    Process start(StorageDaemon daemon, Object... arguments) throws IOException {
        daemon.need();
        List<String> words = new ArrayList<>();
        for (Object argument : arguments) {
            if (argument instanceof List<?> list) {
                list.forEach(word -> words.add((String) word));
            } else {
                words.add((String) argument);
            }
        }
        Process process = daemon.start(folder, words);
        started.add(process);
        return process;
    }

    static int exit(Process process) throws InterruptedException {
        assertTrue(
                process.waitFor(Daemon.START.toSeconds(), TimeUnit.SECONDS), "has ended in time");
        return process.exitValue();
    }
}
