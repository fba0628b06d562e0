package io.diskport.nbd.node;

import io.diskport.testkit.NodeDriverTests;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Whether the driver does what every node driver has to, as the bundle that is shipped. */
class NbdNodeBundleTest extends NodeDriverTests {
    @TempDir private static Path site;

    private static ServerProcess server;

    private static Path socket() {
        return site.resolve("s");
    }

    @BeforeAll
    static void startServer() throws Exception {
        server = ServerProcess.nbdkit(socket(), "memory", "2M");
    }

    @AfterAll
    static void stopServer() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    @Override
    protected String type() {
        return "nbd";
    }

    /** All nodes are of the same export. */
    @Override
    protected Map<String, Object> options(String name) {
        return Map.of("server.type", "unix", "server.path", socket().toString());
    }
}
