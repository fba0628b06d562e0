package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.it.drivers.pulse.PulseExportDriver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a monitor tells of types is what is deployed at that moment. */
class QmpSchemaTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String SCHEMA = "{'execute':'query-qmp-schema'}";
    private static final String PULSE = "{\"case\": \"pulse\", \"type\": \"";

    @RegisterExtension private final Bench bench = new Bench();

    @Test
    void aThirdPartysTypeIsThereAsLongAsItsBundleIs() throws Exception {
        Path bundle = Bundles.build(bench.folder(), PulseExportDriver.class);
        Site site = bench.site();
        Path socket = bench.socket("qmp");
        site.desireObject("qmp", "qmp-monitor", "addr.type = unix", "addr.path = " + socket);
        Daemon daemon = bench.start();
        QmpClient client = bench.closing(QmpClient.connect(socket)).ready();
        assertTrue(!ask(client, SCHEMA).contains(PULSE));
        assertEquals(
                "{\"error\": {\"class\": \"GenericError\", \"desc\": \"Parameter 'type' does not"
                        + " accept value 'pulse'\"}}",
                ask(client, addition("")));

        site.deploy(bundle);
        Await.until("it is in the schema", SOON, () -> ask(client, SCHEMA).contains(PULSE));
        assertEquals(
                "{\"error\": {\"class\": \"GenericError\", \"desc\": \"Parameter 'file' is"
                        + " missing\"}}",
                ask(client, addition("")));
        assertEquals(
                "{\"error\": {\"class\": \"GenericError\", \"desc\": \"Cannot find device='' nor"
                        + " node-name='n'\"}}",
                ask(client, addition(",'file':'f'")).replaceAll(", which[^\"]*", ""));

        site.undeploy(bundle.getFileName().toString());
        Await.until("it is gone", SOON, () -> !ask(client, SCHEMA).contains(PULSE));
        daemon.end();
        assertEquals(QmpClient.END, client.line());
    }

    private static String addition(String more) {
        return "{'execute':'block-export-add','arguments':{'type':'pulse','id':'p','node-name':'n'"
                + more
                + "}}";
    }

    private static String ask(QmpClient client, String request) {
        List<String> said = client.ask(request);
        return said.get(said.size() - 1);
    }
}
