package io.diskport.nbd.stub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.manage.DriverEntry;
import io.diskport.api.manage.Kind;
import io.diskport.testkit.Await;
import io.diskport.testkit.TestRuntime;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The bundle that is shipped, beside the real core. It serves nothing, so that the conformance
 * tests of exports have nothing to run; what there is of them for a placeholder is here.
 */
class NbdPlaceInTableBundleTest {
    @TempDir private Path folder;

    private TestRuntime runtime;

    @BeforeEach
    void start() throws Exception {
        try (DirectoryStream<Path> jars =
                Files.newDirectoryStream(Path.of("target"), "driver-nbd-stub-*.jar")) {
            runtime = TestRuntime.start(folder, jars.iterator().next(), List.of());
        }
        awaitPlaceholder();
    }

    @AfterEach
    void stop() throws Exception {
        runtime.close();
    }

    private List<DriverEntry> entries() {
        return runtime.drivers().list().stream()
                .filter(entry -> entry.type().equals(NbdPlaceholder.TYPE))
                .toList();
    }

    private void awaitPlaceholder() {
        Await.until(
                () -> "the table shows the placeholder; it shows " + entries(),
                () ->
                        entries().size() == 1
                                && entries().get(0).state() == DriverEntry.State.PLACEHOLDER);
    }

    @Test
    void theTableSaysWhichBundleToDeploy() {
        DriverEntry entry = entries().get(0);
        assertEquals(Kind.EXPORT, entry.kind());
        assertEquals(NbdPlaceholder.MESSAGE, entry.reason());
    }

    @Test
    void anExportIsRefusedWithThat() {
        runtime.node("n", 4096);
        BlockException refused =
                assertThrows(
                        BlockException.class,
                        () ->
                                runtime.exports()
                                        .add(Map.of("type", "nbd", "id", "x", "node-name", "n")));
        assertEquals(Reason.UNAVAILABLE, refused.reason());
        assertTrue(refused.getMessage().contains(NbdPlaceholder.MESSAGE), refused.getMessage());
        assertTrue(runtime.exports().list().isEmpty(), "nothing half made");
    }

    @Test
    void itLeavesTheTableAndComesBack() throws Exception {
        runtime.driver().stop();
        Await.until(
                () -> "the placeholder is gone; the table shows " + entries(),
                () ->
                        entries().stream()
                                .noneMatch(
                                        entry -> entry.state() == DriverEntry.State.PLACEHOLDER));
        runtime.driver().start();
        runtime.update();
        awaitPlaceholder();
    }
}
