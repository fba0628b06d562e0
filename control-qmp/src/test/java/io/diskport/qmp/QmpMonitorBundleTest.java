package io.diskport.qmp;

import io.diskport.testkit.ObjectDriverTests;
import java.util.Map;

/** Whether monitors do what every object has to, made by the bundle that is shipped. */
class QmpMonitorBundleTest extends ObjectDriverTests {
    @Override
    protected String type() {
        return MonitorDriver.TYPE;
    }

    @Override
    protected Map<String, Object> options(String id) {
        return Map.of("addr.type", "unix", "addr.path", folder.resolve(id).toString());
    }
}
