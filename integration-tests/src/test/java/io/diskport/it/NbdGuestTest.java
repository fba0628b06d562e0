package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The NBD client of Linux itself, in a virtual machine. */
class NbdGuestTest {
    private static final Path SCRIPTS = Path.of("src/test/guest").toAbsolutePath();
    private static final Path GUEST = Distribution.work().resolveSibling("guest");
    private static final Duration BUILD = Duration.ofMinutes(5);
    private static final Duration RUN = Duration.ofMinutes(4);
    private static final int REPLACEMENTS = 3;

    @RegisterExtension private final Bench bench = new Bench();

    private Shell shell;
    private Path image;
    private Path script;

    @BeforeAll
    static void need() throws IOException {
        Assumptions.assumeTrue(Distribution.isLong(), "only with -Ddiskport.long=true");
        Require.that(System.getProperty("os.arch").equals("amd64"), "needs an x86-64 host");
        Require.tool("qemu-system-x86_64", "qemu-system-x86");
        Require.tool("cpio", "cpio");
        Require.tool("nbd-client", "nbd-client");
        Require.tool("mkfs.ext4", "e2fsprogs");
        Require.tool("apt-get", "apt");
        if (!Files.exists(GUEST.resolve("tools.img"))) {
            Files.createDirectories(GUEST);
            Client.Result built =
                    Client.run(GUEST, BUILD, SCRIPTS.resolve("build-guest.sh"), GUEST);
            Require.that(built.status() == 0, "needs packages for a guest: " + built.output());
        }
    }

    @BeforeEach
    void export() throws IOException {
        image = bench.site().image("disk.raw", 256 << 20);
        shell = bench.shell().ready();
        shell.perform("object-add nbd-server id=tcp addr.type=inet addr.port=0");
        shell.perform("node-add file node-name=disk discard=unmap filename=" + image);
        shell.perform("export-add nbd id=disk node-name=disk writable=on");
        String port = NbdTools.uri(shell, "disk").replaceFirst(".*:([0-9]+)/.*", "$1");
        script = bench.folder().resolve("command");
        Files.writeString(
                script, Files.readString(SCRIPTS.resolve("disk.sh")).replace("PORT", port));
    }

    @Test
    void fileSystemIsWholeAndItsFilesAreThere() {
        assertContent(guest());
        String trimmed = Shell.row(shell.type("export-info disk"), "discard");
        assertTrue(trimmed.matches("discard +[1-9].*"), trimmed);
    }

    @Test
    void driverIsReplacedUnderTheFileSystem() {
        Client guest = guest();
        shell.awaitRow("exports", "disk", " 4 ", RUN);
        for (int number = 0; number < REPLACEMENTS; number++) {
            int said = shell.log().length();
            bench.site().redeploy("driver-nbd.jar");
            shell.awaitLog(said, "Export 'disk' (nbd) is running", Daemon.START);
            assertTrue(guest.runs(), () -> "it has ended too soon: " + guest.output());
        }
        assertContent(guest);
    }

    private Client guest() {
        return bench.client(SCRIPTS.resolve("run-guest.sh"), GUEST, script, RUN.toSeconds());
    }

    private void assertContent(Client guest) {
        String said = guest.await(RUN.plusSeconds(10)).ok();
        assertTrue(said.contains("the guest is content"), said);
        bench.run("e2fsck", "-fn", image).ok();
    }
}
