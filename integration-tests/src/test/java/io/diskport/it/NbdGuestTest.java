package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The NBD client of Linux itself, in a virtual machine. */
class NbdGuestTest {
    private static final Duration RUN = Duration.ofMinutes(4);
    private static final int REPLACEMENTS = 3;

    @RegisterExtension private final Bench bench = new Bench();

    private Shell shell;
    private Path image;
    private String port;

    @BeforeAll
    static void need() throws IOException {
        Assumptions.assumeTrue(Distribution.isLong(), "only with -Ddiskport.long=true");
        Guest.need();
    }

    @BeforeEach
    void export() {
        image = bench.site().image("disk.raw", 256 << 20);
        shell = bench.shell().ready();
        shell.perform("object-add nbd-server id=tcp addr.type=inet addr.port=0");
        shell.perform("node-add file node-name=disk discard=unmap filename=" + image);
        shell.perform("export-add nbd id=disk node-name=disk writable=on");
        port = NbdTools.uri(shell, "disk").replaceFirst(".*:([0-9]+)/.*", "$1");
    }

    @Test
    void fileSystemIsWholeAndItsFilesAreThere() {
        assertContent(guest());
        String trimmed = Shell.row(shell.type("export-info disk"), "discard");
        assertTrue(trimmed.matches("discard +[1-9].*"), trimmed);
    }

    @Test
    void driverIsReplacedUnderTheFileSystem() {
        Guest guest = guest();
        shell.awaitRow("exports", "disk", " 4 ", RUN);
        for (int number = 0; number < REPLACEMENTS; number++) {
            int said = shell.log().length();
            bench.site().redeploy("driver-nbd.jar");
            shell.awaitLog(said, "Export 'disk' (nbd) is running", Daemon.START);
            assertTrue(guest.runs(), () -> "it has ended too soon: " + guest.output());
        }
        assertContent(guest);
    }

    private Guest guest() {
        return new Guest.Machine(bench, "disk.sh").word("PORT", port).start();
    }

    private void assertContent(Guest guest) {
        guest.content();
        bench.run("e2fsck", "-fn", image).ok();
    }
}
