package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A listener begins where something is already: the socket of a daemon that was killed, or not. */
class NbdKillTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @RegisterExtension private final Bench bench = new Bench();

    private Path socket;

    @BeforeEach
    void need() throws IOException {
        NbdTools.need();
        socket = bench.socket("nbd");
    }

    @Test
    void listensOnTheSameSocketAndHasWhatWasFlushed() {
        Path image = bench.site().image("disk.raw", 64 << 20);
        bench.site().desireFileNode("disk", image);
        bench.site().desireNbdServer("local", socket);
        bench.site().desireNbd("disk", "local");
        String uri = NbdTools.uri(socket, "disk");
        Daemon killed = bench.start();
        killed.awaitLog("Export 'disk' (nbd) is running", Daemon.START);
        Client writer = bench.client(NbdTools.client("records.py", uri, 16_000));
        writer.awaitOutput("flushed 100\n", SOON);

        killed.kill();

        String said = writer.await(SOON).ok();
        assertTrue(said.contains("error "), said);
        assertTrue(Files.exists(socket), "a dead socket is there");
        Daemon next = bench.start();
        next.awaitLog("Export 'disk' (nbd) is running", Daemon.START);
        Path copy = bench.folder().resolve("copy");
        NbdTools.copy(bench, uri, copy);
        long flushed = said.lines().filter(line -> line.startsWith("flushed ")).count();
        bench.run(NbdTools.client("records.py", "--check", copy, flushed)).ok();
        next.end();
        assertTrue(Files.notExists(socket), "the socket is left");
    }

    @Test
    void socketOfSomebodyElseIsLeftAlone() {
        Require.tool("nbdkit", "nbdkit");
        bench.client("nbdkit", "-f", "-U", socket, "memory", "1M");
        String uri = NbdTools.uri(socket, "");
        Await.until("nbdkit listens", SOON, () -> bench.run("nbdinfo", uri).status() == 0);

        assertRefused("Failed to listen on '" + socket + "': somebody else does already");

        bench.run("nbdinfo", uri).ok();
    }

    @Test
    void fileAtThePathIsLeftAlone() throws IOException {
        Files.writeString(socket, "precious");

        assertRefused("Failed to listen on '" + socket + "': there is a file of that name already");

        assertEquals("precious", Files.readString(socket));
    }

    @Test
    void folderThatIsNotThereIsNamed() {
        socket = bench.folder().resolve("none").resolve("nbd");
        assertRefused("Failed to bind socket to " + socket + ": ");
    }

    private void assertRefused(String message) {
        String said =
                bench.shell()
                        .ready()
                        .type("object-add nbd-server id=x addr.type=unix addr.path=" + socket);
        assertTrue(said.startsWith("object-add: " + message), said);
        assertEquals(1, said.lines().count(), said);
    }
}
