package io.diskport.nbd.server;

import io.diskport.testkit.ObjectDriverTests;
import java.util.Map;

/** Whether the driver does what every object driver has to, as the bundle that is shipped. */
class NbdServerBundleTest extends ObjectDriverTests {
    @Override
    protected String type() {
        return "nbd-server";
    }

    @Override
    protected Map<String, Object> options(String id) {
        return Map.of("addr.type", "unix", "addr.path", folder.resolve(id).toString());
    }
}
