package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The vhost-user-blk driver is replaced again and again, and taken out and put back. */
class VhostReplacementTest {
    private static final int REPLACEMENTS = 5;
    private static final int UPDATES = Distribution.isLong() ? 50 : 10;
    private static final Duration SOON = Duration.ofSeconds(20);

    @RegisterExtension private final Bench bench = new Bench();

    private Path image;
    private Path socket;

    @BeforeEach
    void desire() throws IOException {
        VhostTools.need();
        image = bench.site().image("disk.raw", 128 << 20);
        socket = bench.socket("vhost");
        bench.site().desireFileNode("disk", image, "discard = unmap");
        VhostTools.desire(bench.site(), "disk", socket, "num-queues = 2");
    }

    @Test
    void exportWaitsForTheDriver() {
        bench.site().undeploy(VhostTools.DRIVER);
        Shell shell = bench.shell();
        shell.awaitRow("exports", "disk", "waiting", Daemon.START);

        bench.site().deploy(Distribution.driver(VhostTools.DRIVER));

        shell.awaitRow("exports", "disk", "running", SOON);
        assertEquals("kept", VhostTools.end(VhostTools.connect(bench, socket), SOON));
    }

    @Test
    void frontEndStaysConnectedAndNothingGrows() {
        Held.need();
        Shell shell = running();
        Client client = VhostTools.connect(bench, socket);
        List<String> clients = clients(shell);
        update(shell);
        update(shell);
        String driver = "io.diskport.vhost.blk.VhostUserBlkDriver";
        Held before = Held.by(shell, driver);
        int said = shell.log().length();

        for (int number = 2; number < UPDATES; number++) {
            update(shell);
        }

        Held.by(shell, driver).assertNotMoreThan(before);
        assertEquals(clients, clients(shell));
        assertQuiet(shell.log().substring(said));
        assertEquals("kept", VhostTools.end(client, SOON));
        shell.awaitRow("exports", "disk", " 0 ", SOON);
        assertEquals("kept", VhostTools.end(VhostTools.connect(bench, socket), SOON));
        shell.end();
        assertTrue(Files.notExists(socket), "the socket is left");
    }

    @Test
    void frontEndConnectsAnewWhenTheDriverIsPutBack() {
        Shell shell = running();
        Client client = VhostTools.connect(bench, socket);

        bench.site().undeploy(VhostTools.DRIVER);
        shell.awaitRow("exports", "disk", "waiting", SOON);
        bench.site().deploy(Distribution.driver(VhostTools.DRIVER));
        shell.awaitRow("exports", "disk", "running", SOON);

        client.close();
        assertEquals("kept", VhostTools.end(VhostTools.connect(bench, socket), SOON));
    }

    /** With O_DIRECT, requests are with the node's threads when the driver is replaced. */
    @ParameterizedTest
    @ValueSource(strings = {"off", "on"})
    void guestUnderLoadNoticesNothing(String direct) throws IOException {
        needGuest();
        bench.site().desireFileNode("disk", image, "discard = unmap", "cache.direct = " + direct);
        Shell shell = running();
        VhostLoad load = VhostLoad.start(bench, socket, "--max_latency=5s");
        Set<String> sockets = load.guest().sockets();
        List<String> clients = clients(shell);
        int said = shell.log().length();

        for (int number = 0; number < REPLACEMENTS; number++) {
            update(shell);
            load.assertGoesOn();
            assertEquals(sockets, load.guest().sockets(), "sockets after replacement " + number);
            assertEquals(clients, clients(shell), "clients after replacement " + number);
        }

        assertQuiet(shell.log().substring(said));
        String all = load.end(image);
        all.lines()
                .filter(line -> line.startsWith("longest"))
                .forEach(
                        line ->
                                System.out.println(
                                        "O_DIRECT "
                                                + direct
                                                + ", "
                                                + REPLACEMENTS
                                                + " replacements, "
                                                + line));
        shell.end();
    }

    @Test
    void guestUnderLoadWaitsUntilTheDriverIsPutBack() throws IOException {
        needGuest();
        Shell shell = running();
        VhostLoad load = VhostLoad.start(bench, socket, "");

        for (int number = 0; number < 2; number++) {
            bench.site().undeploy(VhostTools.DRIVER);
            shell.awaitRow("exports", "disk", "waiting", SOON);
            int said = shell.log().length();
            bench.site().deploy(Distribution.driver(VhostTools.DRIVER));
            VhostTools.awaitRunning(shell, said, "disk", SOON);
            load.assertGoesOn();
        }

        load.end(image);
        shell.end();
    }

    private static void needGuest() throws IOException {
        Assumptions.assumeTrue(Distribution.isLong(), "only with -Ddiskport.long=true");
        Guest.need();
    }

    private Shell running() {
        Shell shell = bench.shell();
        shell.awaitRow("exports", "disk", "running", Daemon.START);
        return shell;
    }

    private void update(Daemon daemon) {
        int said = daemon.log().length();
        bench.site().redeploy(VhostTools.DRIVER);
        VhostTools.awaitRunning(daemon, said, "disk", SOON);
    }

    private static List<String> clients(Shell shell) {
        List<String> clients =
                shell.type("export-info disk")
                        .lines()
                        .dropWhile(line -> !line.startsWith("CLIENT"))
                        .filter(line -> line.startsWith("process "))
                        .map(line -> line.replaceFirst(" {2}.*", ""))
                        .toList();
        assertEquals(1, clients.size(), "clients");
        return clients;
    }

    private static void assertQuiet(String log) {
        assertEquals(
                0,
                log.lines()
                        .filter(line -> line.contains(" WARN ") || line.contains(" ERROR "))
                        .count(),
                log);
    }
}
