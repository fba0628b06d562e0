package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Exports come and go by the shell's commands, with clients that are connected meanwhile. */
class NbdExportsTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final int MANY = 40;

    @RegisterExtension private static final Bench BENCH = new Bench();

    private static final AtomicInteger COUNT = new AtomicInteger();

    private static Shell shell;

    private String server;
    private Path socket;
    private String name;
    private String uri;

    @BeforeAll
    static void start() {
        NbdTools.need();
        shell = BENCH.shell().ready();
        shell.perform("node-add memory node-name=m size=1M");
    }

    /** Each test has a listener of its own, with one export. */
    @BeforeEach
    void export() throws IOException {
        server = "server" + COUNT.incrementAndGet();
        name = "disk" + COUNT.get();
        socket = BENCH.socket(server);
        shell.perform("object-add nbd-server addr.type=unix addr.path=" + socket + " id=" + server);
        add(name, name);
        uri = NbdTools.uri(socket, name);
    }

    @Test
    void oneListenerHasManyExportsThatComeAndGo() {
        Client client = hold(uri);
        for (int number = 0; number < MANY; number++) {
            add("x" + number, "x" + number);
        }
        assertEquals(MANY + 1, listed());
        for (int number = 0; number < MANY; number += 2) {
            shell.perform("export-del x" + number);
        }
        assertEquals(MANY / 2 + 1, listed());
        assertEquals(1, BENCH.run("nbdinfo", NbdTools.uri(socket, "x0")).status());
        BENCH.run("nbdinfo", NbdTools.uri(socket, "x1")).ok();

        assertEquals("read", end(client));
    }

    @Test
    void whileThereAreSeveralTheEmptyNameIsNobodys() {
        BENCH.run("nbdinfo", NbdTools.uri(socket, "")).ok();
        add(name + "-second", "second");
        Client.Result result = BENCH.run("nbdinfo", NbdTools.uri(socket, ""));
        assertNotEquals(0, result.status(), result.output());
    }

    @Test
    void secondExportOfOneNameIsRefused() {
        String said =
                shell.type(
                        "export-add nbd id=twin node-name=m name=%s server=%s"
                                .formatted(name, server));
        assertTrue(
                said.contains("NBD server already has export named '%s'".formatted(name))
                        && said.contains("'%s'".formatted(server)),
                said);
    }

    @Test
    void addressesCanBeUsedAsTheyAreShown() {
        shell.perform("object-add nbd-server id=tcp addr.type=inet addr.port=0");
        for (String where : new String[] {server, "tcp"}) {
            shell.perform(
                    "export-add nbd id=odd-%s server=%s node-name=m name='a b/c?ü&d'"
                            .formatted(where, where));
            String shown = NbdTools.uri(shell, "odd-" + where);
            assertEquals("1048576", BENCH.run("nbdinfo", "--size", shown).ok().strip(), shown);
            BENCH.run("qemu-img", "info", "-f", "raw", shown).ok();
        }
    }

    @Test
    void infoShowsClientsWithTheirAddresses() {
        shell.perform("object-add nbd-server id=port addr.type=inet addr.port=0");
        shell.perform("export-add nbd id=far server=port node-name=m");
        Client local = hold(uri);
        hold(NbdTools.uri(shell, "far"));

        String near = shell.type("export-info " + name);
        assertEquals(1, near.lines().filter(line -> line.matches("local:[0-9]+ .*")).count(), near);
        String far = shell.type("export-info far");
        assertEquals(1, far.lines().filter(line -> line.matches("127.0.0.1:\\d+ .*")).count(), far);
        local.close();
        shell.awaitRow("exports", name + " ", " 0 ", SOON);
        shell.awaitRow("exports", "far ", " 1 ", SOON);
    }

    @Test
    void socketIsForItsUserOnlyAndGoesWithItsServer() throws IOException {
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        shell.perform("export-del " + name);
        shell.perform("object-del " + server);
        Await.until("no socket", SOON, () -> Files.notExists(socket));
    }

    @Test
    void safeIsRefusedWhileThereAreClients() {
        Client client = hold(uri);
        String said = shell.type("export-del " + name + " --mode safe");
        assertTrue(said.contains("still in use by 1 client"), said);
        assertEquals("read", end(client));
        shell.awaitRow("exports", name + " ", " 0 ", SOON);
        shell.perform("export-del " + name + " --mode safe");
        assertGone();
    }

    @Test
    void hardDropsClients() {
        Client client = hold(uri);
        shell.perform("export-del " + name + " --mode hard");
        assertGone();
        String said = end(client);
        assertTrue(said.startsWith("error ") && !said.contains("ESHUTDOWN"), said);
    }

    @Test
    void hideEndsWhenTheLastClientLeaves() {
        Client client = hold(uri);
        shell.perform("export-del " + name + " --mode hide");
        shell.awaitRow("exports", name + " ", "shutting down", SOON);
        assertRefused();
        assertEquals("read", end(client));
        assertGone();
    }

    @Test
    void softLetsRequestsFailUntilTheLastClientLeaves() {
        Client client = hold(uri);
        shell.perform("export-del " + name + " --mode soft");
        shell.awaitRow("exports", name + " ", "shutting down", SOON);
        assertRefused();
        assertEquals("error ESHUTDOWN", end(client));
        assertGone();
    }

    private void add(String id, String called) {
        shell.perform(
                "export-add nbd id=%s name=%s node-name=m server=%s".formatted(id, called, server));
    }

    private static Client hold(String uri) {
        Client client = BENCH.client(NbdTools.client("hold.py", uri));
        client.awaitOutput("connected\n", Daemon.START);
        return client;
    }

    /** What it said last. */
    private static String end(Client client) {
        client.go();
        String said = client.await(SOON).ok();
        return said.substring(said.indexOf('\n') + 1).strip();
    }

    private void assertRefused() {
        Client.Result result = BENCH.run("nbdinfo", uri);
        assertNotEquals(0, result.status(), result.output());
    }

    private void assertGone() {
        Await.until(
                () -> name + " is gone: " + shell.type("exports"),
                SOON,
                () -> Shell.row(shell.type("exports"), name + " ").isEmpty());
        assertRefused();
    }

    private long listed() {
        return BENCH.run("nbdinfo", "--list", NbdTools.uri(socket, ""))
                .ok()
                .lines()
                .filter(line -> line.startsWith("export="))
                .count();
    }
}
