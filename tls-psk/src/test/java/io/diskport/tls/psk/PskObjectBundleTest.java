package io.diskport.tls.psk;

import io.diskport.testkit.ObjectDriverTests;
import io.diskport.testkit.TestRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Whether the driver does what every object driver has to, as the bundle that is shipped. */
class PskObjectBundleTest extends ObjectDriverTests {
    private Path directory;

    @Override
    protected String type() {
        return "tls-creds-psk";
    }

    @Override
    protected void prepare(TestRuntime started) throws IOException {
        directory = Ends.keys(folder, "qemu:00112233445566778899aabbccddeeff");
    }

    @Override
    protected Map<String, Object> options(String id) {
        return Map.of("dir", directory.toString(), "endpoint", "server");
    }
}
