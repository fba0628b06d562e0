package io.diskport.testkit;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Whether the objects of export-core do what every object has to. */
class CoreObjectsBundleTest {
    private abstract static class OfCore extends ObjectDriverTests {
        private final String type;
        private final Map<String, Object> options;

        OfCore(String type, Map<String, Object> options) {
            this.type = type;
            this.options = options;
        }

        @Override
        protected String type() {
            return type;
        }

        @Override
        protected Path bundle() {
            return new ClassPathBundles().get("io.diskport.export-core");
        }

        @Override
        protected Map<String, Object> options(String id) {
            return options;
        }
    }

    @Nested
    @EnabledIfSystemProperty(
            named = "diskport.long",
            matches = "true",
            disabledReason = "only with -Ddiskport.long=true")
    class Secret extends OfCore {
        Secret() {
            super("secret", Map.of("data", "letmein"));
        }
    }

    @Nested
    class ThrottleGroup extends OfCore {
        ThrottleGroup() {
            super("throttle-group", Map.of("limits.iops-total", 100));
        }
    }

    @Nested
    @EnabledIfSystemProperty(
            named = "diskport.long",
            matches = "true",
            disabledReason = "only with -Ddiskport.long=true")
    class IoThread extends OfCore {
        IoThread() {
            super("iothread", Map.of("workers", 2));
        }
    }

    @Nested
    @EnabledIfSystemProperty(
            named = "diskport.long",
            matches = "true",
            disabledReason = "only with -Ddiskport.long=true")
    class AuthzList extends OfCore {
        AuthzList() {
            super(
                    "authz-list",
                    Map.of("rules", List.of(Map.of("match", "CN=laptop", "policy", "allow"))));
        }
    }

    @Nested
    @EnabledIfSystemProperty(
            named = "diskport.long",
            matches = "true",
            disabledReason = "only with -Ddiskport.long=true")
    class AuthzSimple extends OfCore {
        AuthzSimple() {
            super("authz-simple", Map.of("identity", "CN=laptop"));
        }
    }
}
