package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A daemon is killed, with a guest's requests under way, and starts again; what is at its path. */
class VhostKillTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int KILLS = 3;

    @RegisterExtension private final Bench bench = new Bench();

    private Path socket;
    private Path image;

    @BeforeEach
    void need() throws IOException {
        VhostTools.need();
        socket = bench.socket("vhost");
        image = bench.site().image("disk.raw", 128 << 20);
    }

    @Test
    void listensOnTheSocketThatAKilledDaemonHasLeft() {
        desire();
        Daemon killed = running();
        Client client = VhostTools.connect(bench, socket);

        killed.kill();

        String said = VhostTools.end(client, SOON);
        assertTrue(said.startsWith("dropped"), said);
        assertTrue(Files.exists(socket), "a dead socket is there");
        Daemon next = running();
        assertEquals("kept", VhostTools.end(VhostTools.connect(bench, socket), SOON));
        next.end();
        assertTrue(Files.notExists(socket), "the socket is left");
    }

    @Test
    void guestLosesNothing() throws IOException {
        Assumptions.assumeTrue(Distribution.isLong(), "only with -Ddiskport.long=true");
        Guest.need();
        desire();
        Daemon daemon = running();
        VhostLoad load = VhostLoad.start(bench, socket, "");

        for (int number = 0; number < KILLS; number++) {
            daemon.kill();
            assertTrue(load.guest().runs(), load.guest()::output);
            daemon = running();
            load.assertGoesOn();
        }

        load.end(image);
        daemon.end();
    }

    @Test
    void socketOfSomebodyElseIsLeftAlone() {
        Client other =
                bench.client(
                        "/usr/bin/env",
                        "PATH=/usr/bin:/bin",
                        "python3",
                        "-uc",
                        "import socket, sys; s = socket.socket(socket.AF_UNIX);"
                                + " s.bind(sys.argv[1]); s.listen(); print('listens');"
                                + " s.accept()[0].recv(1)",
                        socket);
        other.awaitOutput("listens", SOON);

        String said = refused();

        assertTrue(said.contains("somebody else"), said);
        assertTrue(Files.exists(socket), "it is gone");
    }

    @Test
    void fileAtThePathIsLeftAlone() throws IOException {
        Files.writeString(socket, "precious");

        refused();

        assertEquals("precious", Files.readString(socket));
    }

    private void desire() {
        bench.site().desireFileNode("disk", image, "discard = unmap");
        VhostTools.desire(bench.site(), "disk", socket, "num-queues = 2");
    }

    private Daemon running() {
        Daemon daemon = bench.start();
        VhostTools.awaitRunning(daemon, 0, "disk", Daemon.START);
        return daemon;
    }

    private String refused() {
        Shell shell = bench.shell().ready();
        shell.perform("node-add memory node-name=m size=1M");
        String said = shell.type(VhostTools.addition("x", "m", socket));
        assertTrue(said.startsWith("export-add: "), said);
        assertTrue(said.contains(socket.toString()), said);
        assertEquals(1, said.lines().count(), said);
        return said;
    }
}
