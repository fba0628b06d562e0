package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.it.drivers.nbd.NbdDriver;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The place of a type whose driver is not deployed. */
class PlaceholderTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String PLACE = "export  nbd";
    private static final String WAITING =
            "no NBD driver is deployed; put driver-nbd.jar into deploy/";

    @RegisterExtension private final Bench bench = new Bench();

    @Test
    void givesWayToADriverAndComesBack() throws Exception {
        Path driver = Bundles.build(bench.folder(), NbdDriver.class);
        bench.site().undeploy("driver-nbd.jar");
        bench.site().desireNode("m", "memory", "size = 1M");
        bench.site().desireExport("n", "nbd", "node-name = m");
        Shell shell = bench.shell();
        shell.awaitRow("exports", "n ", WAITING, Daemon.START);

        bench.site().deploy(driver, "driver-nbd.jar");
        shell.awaitRow("exports", "n ", "running", SOON);
        String drivers = shell.type("drivers");
        assertTrue(Shell.row(drivers, PLACE).contains("serving"), drivers);

        bench.site().undeploy("driver-nbd.jar");
        shell.awaitRow("exports", "n ", WAITING, SOON);
        drivers = shell.type("drivers");
        assertTrue(Shell.row(drivers, PLACE).contains("placeholder"), drivers);
    }
}
