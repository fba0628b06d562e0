package io.diskport.tls.x509;

import io.diskport.testkit.ObjectDriverTests;
import io.diskport.testkit.TestRuntime;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;

/** Whether the driver does what every object driver has to, as the bundle that is shipped. */
class X509ObjectBundleTest extends ObjectDriverTests {
    private Path directory;

    @BeforeAll
    static void needCertificates() {
        Certificates.require();
    }

    @Override
    protected String type() {
        return "tls-creds-x509";
    }

    @Override
    protected void prepare(TestRuntime started) throws Exception {
        directory = new Certificates(folder, "authority").server("localhost");
    }

    @Override
    protected Map<String, Object> options(String id) {
        return Map.of("dir", directory.toString(), "endpoint", "server");
    }
}
