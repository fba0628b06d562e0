package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.it.drivers.hanging.HangingNodeDriver;
import io.diskport.it.drivers.needy.NeedyNodeDriver;
import io.diskport.it.drivers.pulse.PulseExportDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a deployed driver waits for is said in plain words: by commands, and once by the log. */
class WhatIsMissingTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String PULSE = "export  pulse";
    private static final String NEEDY = "node    needy";
    private static final String HANGING = "node    hanging";
    private static final String API_2 = "io.diskport.api.export;version=\"[2,3)\"";
    private static final String NEEDS_API_2 =
            "io.diskport.it.drivers.pulse 1.0 needs export-api 2.0 up to below 3.0"
                    + " (io.diskport.api.export); this is 1.";
    private static final String NEEDS_CODEC =
            "io.diskport.it.drivers.hanging 1.0 needs package org.example.codec 3.1, which no"
                    + " bundle exports: put one that does into deploy/";
    private static final String WAITS =
            "io.diskport.it.drivers.needy 1.0 waits for a service java.lang.Runnable with"
                    + " (power=on), which no bundle registers: put one that does into deploy/";

    @RegisterExtension private static final Bench bench = new Bench();

    private static Shell shell;
    private static Path pulse;
    private static Path needy;
    private static Path hanging;

    @BeforeAll
    static void start() throws Exception {
        pulse = Bundles.build(bench.folder(), PulseExportDriver.class);
        needy = Bundles.build(bench.folder(), NeedyNodeDriver.class);
        hanging =
                importing(
                        Bundles.build(bench.folder(), HangingNodeDriver.class),
                        "org.example.codec;version=\"3.1\"");
        shell = bench.shell().ready();
    }

    @AfterEach
    void takeAllBack() throws IOException {
        for (String jar : List.of("pulse.jar", "needy.jar", "hanging.jar", "last.jar")) {
            Files.deleteIfExists(bench.site().deploy().resolve(jar));
        }
        for (String driver : List.of(PULSE, NEEDY, HANGING)) {
            Await.until(
                    driver + " is gone",
                    SOON,
                    () -> Shell.row(shell.type("drivers"), driver).isEmpty());
        }
    }

    @Test
    void aDriverForALaterApi() throws Exception {
        bench.site().deploy(importing(pulse, API_2), "pulse.jar");

        String row = shell.awaitRow("drivers", PULSE, NEEDS_API_2, SOON);
        assertTrue(row.contains("not in service"), row);
        assertTrue(
                row.endsWith(
                        ": run a newer Diskport, or deploy an io.diskport.it.drivers.pulse that was"
                                + " built for this one"),
                row);
        shell.type("node-add memory node-name=m size=1M");
        String refusal = shell.type("export-add pulse id=p node-name=m file=/tmp/x");
        assertTrue(refusal.contains(NEEDS_API_2), refusal);

        bench.site().deploy(pulse, "pulse.jar");
        shell.awaitRow("drivers", PULSE, "serving", SOON);
    }

    @Test
    void aDriverForAnEarlierApi() throws Exception {
        bench.site()
                .deploy(
                        importing(pulse, "io.diskport.api.export;version=\"[0.9,1)\""),
                        "pulse.jar");

        String row =
                shell.awaitRow(
                        "drivers",
                        PULSE,
                        "needs export-api 0.9 up to below 1.0 (io.diskport.api.export); this is 1.",
                        SOON);
        assertTrue(
                row.endsWith(
                        ": deploy an io.diskport.it.drivers.pulse that was built for this one"),
                row);
    }

    @Test
    void aBundleThatDoesNotResolve() {
        bench.site().deploy(hanging, "hanging.jar");

        shell.awaitRow("drivers", HANGING, NEEDS_CODEC, SOON);
    }

    /** The one that does not resolve is not the driver's own, but one that the driver needs. */
    @Test
    void aBundleWhoseProviderDoesNotResolve() throws Exception {
        Path provider =
                Bundles.withHeader(bench.folder(), hanging, "Export-Package", "org.example.power");
        bench.site().deploy(provider, "hanging.jar");
        bench.site().deploy(importing(pulse, "org.example.power"), "pulse.jar");

        shell.awaitRow(
                "drivers",
                PULSE,
                "io.diskport.it.drivers.pulse 1.0 needs io.diskport.it.drivers.hanging 1.0; "
                        + NEEDS_CODEC,
                SOON);
    }

    @Test
    void aBundleForALaterJava() throws Exception {
        Path later =
                Bundles.withHeader(
                        bench.folder(),
                        pulse,
                        "Require-Capability",
                        "osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=99))\"");
        bench.site().deploy(later, "pulse.jar");

        shell.awaitRow("drivers", PULSE, "pulse 1.0 needs Java 99; this is ", SOON);
    }

    @Test
    void aComponentThatIsNotSatisfied() {
        bench.site().deploy(needy, "needy.jar");

        String row = shell.awaitRow("drivers", NEEDY, WAITS, SOON);
        assertTrue(row.contains("not in service"), row);
    }

    /** Its author has forgotten the annotation: the component alone tells that there is one. */
    @Test
    void aDriverThatItsBundleDoesNotDeclare() throws Exception {
        Path undeclared =
                Bundles.withHeader(
                        bench.folder(), needy, "Provide-Capability", "org.example.undeclared");
        bench.site().deploy(undeclared, "needy.jar");

        String row = shell.awaitRow("drivers", NEEDY, WAITS, SOON);
        assertTrue(row.contains("not in service"), row);
    }

    @Test
    void theLogSaysItOnce() throws Exception {
        int from = shell.log().length();
        bench.site().deploy(importing(pulse, API_2), "pulse.jar");
        bench.site().deploy(needy, "needy.jar");
        bench.site().deploy(hanging, "hanging.jar");
        shell.awaitLog(from, WAITS, SOON);

        // Everything is looked at again: bundles are refreshed, and others come and go.
        shell.type("refresh");
        bench.site().redeploy("driver-nbd.jar");
        shell.awaitRow("drivers", "object  nbd-server", "serving", SOON);
        bench.site().deploy(Bundles.withVersion(bench.folder(), needy, "7.0.0"), "last.jar");
        shell.awaitLog(from, "needy 7.0 waits for a service", SOON);

        for (String text : List.of(NEEDS_API_2, WAITS, NEEDS_CODEC)) {
            List<String> lines =
                    shell.log()
                            .substring(from)
                            .lines()
                            .filter(line -> line.contains(text))
                            .toList();
            assertEquals(1, lines.size(), shell::log);
            assertTrue(lines.get(0).contains("WARN"), shell::log);
        }
        assertFalse(shell.log().contains("Unable to resolve"), "in the framework's words as well");
    }

    private static Path importing(Path bundle, String packages) throws Exception {
        return Bundles.withHeader(bench.folder(), bundle, "Import-Package", packages);
    }
}
