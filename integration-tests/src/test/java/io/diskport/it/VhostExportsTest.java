package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** vhost-user-blk exports come and go by the shell's commands, with front-ends without guests. */
class VhostExportsTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    @RegisterExtension private static final Bench BENCH = new Bench();

    private static final AtomicInteger COUNT = new AtomicInteger();

    private static Shell shell;

    private Path socket;
    private String id;

    @BeforeAll
    static void start() {
        VhostTools.need();
        shell = BENCH.shell().ready();
        shell.awaitRow("drivers", "export  vhost-user-blk", "serving", Daemon.START);
        shell.perform("node-add memory node-name=m size=1M");
    }

    @BeforeEach
    void export() throws IOException {
        id = "disk" + COUNT.incrementAndGet();
        socket = BENCH.socket(id);
        VhostTools.add(shell, id, "m", socket, "num-queues=2", "serial=s-" + id);
    }

    @AfterEach
    void remove() {
        if (!row().isEmpty()) {
            shell.type("export-del " + id + " --mode hard");
        }
    }

    @Test
    void frontEndIsOfferedWhatWasAskedFor() {
        Client client = VhostTools.connect(BENCH, socket);
        String said = client.output();
        assertLine("features SIZE_MAX SEG_MAX BLK_SIZE FLUSH TOPOLOGY CONFIG_WCE MQ DISCARD", said);
        assertLine(" WRITE_ZEROES INDIRECT_DESC EVENT_IDX VERSION_1\n", said);
        assertLine(
                "protocol MQ REPLY_ACK BACKEND_REQ CONFIG INFLIGHT_SHMFD RESET_DEVICE"
                        + " CONFIGURE_MEM_SLOTS STATUS\n",
                said);
        assertLine("queues 2\n", said);
        assertLine("capacity 2048\n", said);
        assertLine("block size 512\n", said);
        assertLine("queues of the device 2\n", said);
        assertEquals("kept", VhostTools.end(client, SOON));
    }

    @Test
    void readOnlyExportSaysSo() throws IOException {
        Path other = BENCH.socket("read-only");
        shell.perform(VhostTools.addition("read-only", "m", other) + " logical-block-size=4096");
        try {
            String said = VhostTools.connect(BENCH, other).output();
            assertTrue(said.matches("(?s)features [^\n]*\\bRO\\b.*"), said);
            assertLine("block size 4096\n", said);
            assertLine("queues 1\n", said);
        } finally {
            shell.type("export-del read-only --mode hard");
        }
    }

    @Test
    void infoShowsTheFrontEndWhileItIsThere() {
        String before = shell.type("export-info " + id);
        assertTrue(before.contains(socket.toString()), before);
        assertFalse(before.contains("CLIENT"), before);

        Client client = VhostTools.connect(BENCH, socket);

        shell.awaitRow("exports", id + " ", " 1 ", SOON);
        String during = shell.type("export-info " + id);
        assertTrue(during.contains("CLIENT"), during);
        assertTrue(during.contains("process " + client.pid()), during);
        client.close();
        shell.awaitRow("exports", id + " ", " 0 ", SOON);
    }

    @Test
    void socketIsForItsUserOnlyAndGoesWithItsExport() throws IOException {
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        shell.perform("export-del " + id);
        assertGone();
    }

    /** As a service manager passes it, which has made the socket with the rights that it wants. */
    @Test
    void socketThatWasInheritedIsServedAndLeft() throws IOException {
        Path inherited = BENCH.socket("inherited");
        Site site = Site.make(BENCH.folder().resolve("heir"));
        String[] listen = {
            "/usr/bin/env",
            "PATH=/usr/bin:/bin",
            "python3",
            "-c",
            "import os, socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]);"
                    + " s.listen(); os.dup2(s.fileno(), 7); os.execv(sys.argv[2], sys.argv[2:])",
            inherited.toString()
        };
        Shell heir = BENCH.closing(new Shell(site, List.of(listen))).ready();
        heir.perform("node-add memory node-name=m size=1M");
        String addition = "export-add vhost-user-blk id=h node-name=m addr.type=fd addr.str=";
        for (int number = 0; number < 2; number++) {
            heir.perform(addition + 7);
            Client client = VhostTools.connect(BENCH, inherited);
            int said = heir.log().length();
            site.redeploy(VhostTools.DRIVER);
            VhostTools.awaitRunning(heir, said, "h", Daemon.START);
            assertEquals("kept", VhostTools.end(client, SOON));
            heir.awaitRow("exports", "h ", " 0 ", SOON);
            heir.perform("export-del h");
            assertTrue(Files.exists(inherited), "the socket of somebody else is gone");
        }
        assertTrue(heir.type(addition + 1).contains("not a listening Unix socket"));
        heir.end();
    }

    @Test
    void frontEndsComeOneAfterTheOther() {
        for (int number = 0; number < 5; number++) {
            Client client = VhostTools.connect(BENCH, socket);
            assertEquals("kept", VhostTools.end(client, SOON));
        }
        shell.awaitRow("exports", id + " ", " 0 ", SOON);
    }

    /** It waits in the listener's queue, as it would with QEMU, until the first one leaves. */
    @Test
    void secondFrontEndWaitsForTheFirst() {
        Client first = VhostTools.connect(BENCH, socket);
        Client second = VhostTools.frontEnd(BENCH, socket);

        assertEquals("kept", VhostTools.end(first, SOON));

        second.awaitOutput("connected\n", SOON);
        shell.awaitRow("exports", id + " ", " 1 ", SOON);
        assertEquals("kept", VhostTools.end(second, SOON));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage",
                "no-version",
                "endless-payload",
                "short-payload",
                "100-regions",
                "region-beyond-its-file",
                "queue-77777",
                "queue-of-100"
            })
    void frontEndThatBreaksTheRulesIsDroppedWithAReason(String rule) throws IOException {
        Path other = BENCH.socket("other");
        VhostTools.add(shell, "other", "m", other);
        try {
            Client bystander = VhostTools.connect(BENCH, other);
            int said = shell.log().length();

            Client.Result result = BENCH.run(NbdTools.client("misbehave.py", socket, rule));

            assertTrue(result.ok().endsWith("dropped\n"), result.output());
            shell.awaitLog(said, "'" + id + "'", SOON);
            String why = shell.log().substring(said);
            assertTrue(why.contains(" WARN "), why);
            assertFalse(why.contains("\tat "), why);
            assertEquals("kept", VhostTools.end(VhostTools.connect(BENCH, socket), SOON));
            assertEquals("kept", VhostTools.end(bystander, SOON));
        } finally {
            shell.type("export-del other --mode hard");
        }
    }

    @Test
    void descriptorsThatNobodyAskedForAreClosed() {
        Client client = BENCH.client(NbdTools.client("surplus.py", socket));
        client.awaitOutput("sent\n", SOON);
        Await.until("no descriptor is kept", SOON, () -> descriptors("surplus") == 0);
        assertEquals("sent", VhostTools.end(client, SOON));
    }

    @Test
    void safeIsRefusedWhileThereIsAFrontEnd() {
        Client client = VhostTools.connect(BENCH, socket);
        String said = shell.type("export-del " + id + " --mode safe");
        assertTrue(said.contains("still in use by 1 client"), said);
        assertEquals("kept", VhostTools.end(client, SOON));
        shell.awaitRow("exports", id + " ", " 0 ", SOON);
        shell.perform("export-del " + id + " --mode safe");
        assertGone();
    }

    @Test
    void hardDropsTheFrontEnd() {
        Client client = VhostTools.connect(BENCH, socket);
        shell.perform("export-del " + id + " --mode hard");
        assertGone();
        String said = VhostTools.end(client, SOON);
        assertTrue(said.startsWith("dropped"), said);
    }

    @Test
    void hideEndsWhenTheFrontEndLeaves() {
        Client client = VhostTools.connect(BENCH, socket);
        shell.perform("export-del " + id + " --mode hide");
        shell.awaitRow("exports", id + " ", "shutting down", SOON);
        assertEquals("kept", VhostTools.end(client, SOON));
        assertGone();
    }

    private static void assertLine(String part, String said) {
        assertTrue(said.contains(part), () -> "'" + part + "' in: " + said);
    }

    private static long descriptors(String name) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + shell.pid() + "/fd"))) {
            return open.filter(descriptor -> target(descriptor).contains(name)).count();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return ""; // It has been closed meanwhile.
        }
    }

    private String row() {
        return Shell.row(shell.type("exports"), id + " ");
    }

    private void assertGone() {
        Await.until(() -> id + " is gone: " + shell.type("exports"), SOON, () -> row().isEmpty());
        Await.until("no socket", SOON, () -> Files.notExists(socket));
    }
}
