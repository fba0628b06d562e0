package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the shell refuses, and with which words. */
class RefusalTest {
    @RegisterExtension private static final Bench BENCH = new Bench();

    private static Shell shell;

    @BeforeAll
    static void start() {
        BENCH.site().undeploy("driver-nbd.jar"); // Its placeholder refuses, too.
        shell = BENCH.shell().ready();
        accepted("node-add memory node-name=m size=1M");
    }

    @AfterEach
    void nothingIsLeft() {
        assertEquals(1, shell.type("exports").lines().count(), "only the titles");
    }

    @Test
    void unknownExportType() {
        refused("export-add fuze id=x node-name=m mountpoint=/x", "fuze");
    }

    @Test
    void unknownNodeDriver() {
        refused("node-add fille node-name=x filename=/x", "fille");
    }

    @Test
    void placeholderSaysWhatToDeploy() {
        refused("export-add nbd id=x node-name=m", "put driver-nbd.jar into deploy/");
    }

    @Test
    void unknownOption() {
        refused("node-add memory node-name=x size=1M colour=red", "colour");
    }

    @Test
    void valueOfTheWrongType() {
        refused("node-add memory node-name=x size=much", "size", "much");
    }

    @Test
    void missingOption() {
        refused("node-add file node-name=x", "filename");
    }

    @Test
    void nodeNameInUse() {
        refused("node-add memory node-name=m size=1M", "Duplicate nodes with node-name='m'");
    }

    @Test
    void fileThatIsNotThere() {
        refused(
                "node-add file node-name=x filename=/nowhere/x.raw",
                "/nowhere/x.raw",
                "No such file or directory");
    }

    @Test
    void folderAsImage() {
        refused("node-add file node-name=x filename=" + BENCH.folder(), BENCH.folder().toString());
    }

    @Test
    void qcow2AsWritableRaw() {
        Require.tool("qemu-img", "qemu-utils");
        Path image = BENCH.folder().resolve("disk.qcow2");
        BENCH.run("qemu-img", "create", "-q", "-f", "qcow2", image, "1M").ok();
        accepted("node-add file node-name=q filename=" + image);
        try {
            refused(
                    "node-add raw node-name=r file=q",
                    "begins like a qcow2 image",
                    "format-probe=off");
            accepted("node-add raw node-name=r file=q read-only=on");
            accepted("node-del r");
        } finally {
            accepted("node-del q");
        }
    }

    @Test
    void nodeThatIsUsedIsNotDeleted() {
        accepted("node-add raw node-name=r file=m");
        try {
            refused("node-del m", "'r'");
        } finally {
            accepted("node-del r");
        }
    }

    @Test
    void exportThatIsNotThere() {
        refused("export-del x", "'x'");
    }

    @Test
    void unknownNode() {
        Require.fuse();
        Path mountpoint = BENCH.site().mountpoint("unknown-node");
        refused(
                "export-add fuse id=x node-name=zz mountpoint=" + mountpoint,
                "Cannot find device='' nor node-name='zz'");
    }

    @Test
    void mountpointThatIsNotThere() {
        Require.fuse();
        refused(
                "export-add fuse id=x node-name=m mountpoint=/nowhere/x",
                "Failed to stat '/nowhere/x': No such file or directory");
    }

    @Test
    void folderAsMountpoint() {
        Require.fuse();
        refused(
                "export-add fuse id=x node-name=m mountpoint=" + BENCH.folder(),
                "'" + BENCH.folder() + "' is not a regular file");
    }

    @Test
    void writableExportOfAReadOnlyNode() {
        Require.fuse();
        Path mountpoint = BENCH.site().mountpoint("read-only");
        Path image = BENCH.site().image("read-only.raw", 1 << 20);
        accepted("node-add file node-name=ro read-only=on filename=" + image);
        try {
            refused(
                    "export-add fuse id=x node-name=ro writable=on mountpoint=" + mountpoint,
                    "Cannot export read-only node as writable: node 'ro' is read-only");
        } finally {
            accepted("node-del ro");
        }
    }

    @Test
    void mountpointGivenTwice() {
        Require.fuse();
        Path mountpoint = BENCH.site().mountpoint("twice");
        whileExported(
                mountpoint,
                () ->
                        refused(
                                "export-add fuse id=x node-name=m mountpoint=" + mountpoint,
                                "There already is a FUSE export on '" + mountpoint + "'"));
    }

    @Test
    void exportIdInUse() {
        Require.fuse();
        Path mountpoint = BENCH.site().mountpoint("id");
        Path other = BENCH.site().mountpoint("other");
        whileExported(
                mountpoint,
                () ->
                        refused(
                                "export-add fuse id=first node-name=m mountpoint=" + other,
                                "Block export id 'first' is already in use"));
    }

    @Test
    void exportedNodeIsNotDeleted() {
        Require.fuse();
        whileExported(
                BENCH.site().mountpoint("used"), () -> refused("node-del m", "export 'first'"));
    }

    @Test
    void exportWithAClientIsNotDeleted() {
        Require.fuse();
        Path mountpoint = BENCH.site().mountpoint("client");
        whileExported(
                mountpoint,
                () -> {
                    try (Client client = BENCH.client("tail", "-f", mountpoint)) {
                        shell.awaitOutput(
                                "export-info first", "process " + client.pid(), Daemon.START);
                        refused("export-del first", "still in use");
                        assertTrue(client.runs());
                    }
                    shell.awaitRow("exports", "first", " 0 ", Daemon.END);
                });
    }

    private static void whileExported(Path mountpoint, Runnable test) {
        accepted("export-add fuse id=first node-name=m mountpoint=" + mountpoint);
        try {
            test.run();
        } finally {
            accepted("export-del first --mode hard");
        }
    }

    private static void accepted(String command) {
        shell.perform(command);
    }

    /** One line that names the command and what is wrong, without a stack trace. */
    private static void refused(String command, String... parts) {
        String said = shell.type(command);
        assertTrue(said.startsWith(command.substring(0, command.indexOf(' ')) + ": "), said);
        assertEquals(1, said.lines().count(), said);
        assertFalse(said.contains("xception"), said);
        for (String part : parts) {
            assertTrue(said.contains(part), () -> "'" + part + "' in: " + said);
        }
    }
}
