package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What vhost-user-blk exports refuse, and with which words. */
class VhostRefusalTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    @RegisterExtension private static final Bench BENCH = new Bench();

    private static Shell shell;

    @BeforeAll
    static void start() {
        VhostTools.need();
        shell = BENCH.shell().ready();
        shell.awaitRow("drivers", "export  vhost-user-blk", "serving", Daemon.START);
        shell.perform("node-add memory node-name=m size=1M");
    }

    @ParameterizedTest
    @CsvSource({
        "num-queues=0, num-queues, 0",
        "num-queues=65, num-queues, 65",
        "num-queues=many, num-queues, many",
        "queue-size=300, queue-size, 300",
        "queue-size=1, queue-size, 1",
        "queue-size=65536, queue-size, 65536",
        "logical-block-size=1000, logical-block-size, 1000",
        "logical-block-size=256, logical-block-size, 256",
        "logical-block-size=4194304, logical-block-size, 4194304",
        "serial=123456789012345678901, serial, 123456789012345678901",
        "serial=ä, serial, ä",
        "writable=perhaps, writable, perhaps",
        "writethrough=perhaps, writethrough, perhaps",
        "colour=red, colour, colour",
        "addr.port=1, addr.port, addr.port",
    })
    void valueThatCannotBeIsNamed(String option, String name, String value) throws IOException {
        refused(VhostTools.addition("x", "m", BENCH.socket("x")) + " " + option, name, value);
        assertTrue(Files.notExists(BENCH.socket("x")), "a socket is left");
    }

    @Test
    void addressThatCannotBeIsNamed() throws IOException {
        String begin = "export-add vhost-user-blk id=x node-name=m ";
        refused(begin, "addr");
        refused(begin + "addr.type=unix", "addr.path");
        refused(begin + "addr.type=inet addr.port=1", "addr", "inet");
        refused(begin + "addr.type=fd addr.str=none", "addr.str", "none");
        refused(begin + "addr.type=fd addr.str=/dev/null", "addr.str", "/dev/null");
        String endless = "/tmp/" + "x".repeat(120);
        refused(begin + "addr.type=unix addr.path=" + endless, endless);
        Path none = BENCH.folder().resolve("none").resolve("s");
        refused(begin + "addr.type=unix addr.path=" + none, none.toString());
        refused(VhostTools.addition("x", "zz", BENCH.socket("x")), "'zz'");
        assertTrue(Files.notExists(BENCH.socket("x")), "a socket is left");
    }

    @Test
    void secondExportOnOneSocketIsRefused() throws IOException {
        Path socket = BENCH.socket("first");
        VhostTools.add(shell, "first", "m", socket);
        refused(VhostTools.addition("x", "m", socket), socket.toString());
        assertEquals("kept", VhostTools.end(VhostTools.connect(BENCH, socket), SOON));
        shell.perform("export-del first --mode hard");
    }

    @Test
    void writableExportOfAReadOnlyNodeIsRefused() throws IOException {
        Path image = BENCH.site().image("read-only.raw", 1 << 20);
        shell.perform("node-add file node-name=ro read-only=on filename=" + image);
        try {
            refused(
                    VhostTools.addition("x", "ro", BENCH.socket("x")) + " writable=on",
                    "'ro' is read-only");
        } finally {
            shell.perform("node-del ro");
        }
    }

    private static void refused(String command, String... parts) {
        String said = shell.type(command);
        assertTrue(said.startsWith("export-add: "), said);
        assertEquals(1, said.lines().count(), said);
        assertFalse(said.contains("xception"), said);
        for (String part : parts) {
            assertTrue(said.contains(part), () -> "'" + part + "' in: " + said);
        }
    }
}
