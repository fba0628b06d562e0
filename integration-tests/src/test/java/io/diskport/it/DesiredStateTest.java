package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.export.BlockExportDriver;
import java.io.IOException;
import java.time.Duration;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.osgi.service.cm.Configuration;

/** What Configuration Admin holds is what there is. */
class DesiredStateTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    @RegisterExtension private final Bench bench = new Bench();

    private EmbeddedCore core;
    private CountingDriver driver;

    @BeforeEach
    void start() throws Exception {
        core = bench.closing(EmbeddedCore.start(bench.folder()));
        driver = new CountingDriver();
        core.context()
                .registerService(
                        BlockExportDriver.class,
                        driver,
                        new Hashtable<>(
                                Map.of(BlockExportDriver.TYPE_PROPERTY, CountingDriver.TYPE)));
    }

    @Test
    void whatIsWantedIsMadeInAnyOrder() throws Exception {
        want("export", "type", CountingDriver.TYPE, "id", "x", "node-name", "m");
        awaitExport("waiting");
        assertTrue(export().contains("'m'"), export());

        want("node", "driver", "memory", "node-name", "m", "size", "1M");

        awaitExport("running");
    }

    @Test
    void whatChangesIsMadeAnew() throws Exception {
        Configuration node = want("node", "driver", "memory", "node-name", "m", "size", "1M");
        want("export", "type", CountingDriver.TYPE, "id", "x", "node-name", "m");
        awaitExport("running");

        node.update(properties("driver", "memory", "node-name", "m", "size", "2M"));

        Await.until(
                "the export runs on the new node",
                SOON,
                () ->
                        driver.made() == 2
                                && driver.alive() == 1
                                && core.nodes().find("m").map(m -> m.length()).orElse(0L)
                                        == 2 << 20);
        awaitExport("running");
    }

    @Test
    void whatIsNotWantedAnyMoreIsGone() throws Exception {
        Configuration node = want("node", "driver", "memory", "node-name", "m", "size", "1M");
        Configuration export =
                want("export", "type", CountingDriver.TYPE, "id", "x", "node-name", "m");
        awaitExport("running");

        node.delete();
        awaitExport("waiting");
        export.delete();

        Await.until("no export", SOON, () -> export().isEmpty());
        Await.until("no node", SOON, () -> core.nodes().find("m").isEmpty());
        assertTrue(driver.mistakes().isEmpty(), () -> driver.mistakes().toString());
    }

    private void awaitExport(String state) {
        Await.until(() -> state + ": " + export(), SOON, () -> export().startsWith(state));
    }

    private String export() {
        return EmbeddedCore.state(core.exports().find("x"));
    }

    private Configuration want(String kind, String... options) throws IOException {
        Configuration made =
                core.configurations().createFactoryConfiguration("io.diskport." + kind, "?");
        made.update(properties(options));
        return made;
    }

    private static Dictionary<String, Object> properties(String... options) {
        Dictionary<String, Object> properties = new Hashtable<>();
        for (int i = 0; i < options.length; i += 2) {
            properties.put(options[i], options[i + 1]);
        }
        return properties;
    }
}
