package io.diskport.testkit;

import io.diskport.api.BlockException;
import io.diskport.api.manage.NodeManager;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Whether the nodes of export-core do what every node has to. They are replaced with core only. */
class CoreNodesBundleTest {
    private static final String SIZE = "1M";

    private abstract static class OfCore extends NodeDriverTests {
        private final String driver;

        OfCore(String driver) {
            this.driver = driver;
        }

        @Override
        protected String type() {
            return driver;
        }

        @Override
        protected Path bundle() {
            return new ClassPathBundles().get("io.diskport.export-core");
        }

        @Override
        protected byte[] content(long offset, int length) {
            return new byte[length];
        }

        /** A node to stand on, which stays when what stands on it goes. */
        String below(String name) throws BlockException {
            String below = "below-" + name;
            NodeManager nodes = runtime().nodes();
            if (nodes.find(below).isEmpty()) {
                nodes.add(Map.of("driver", "memory", "node-name", below, "size", "3M"));
            }
            return below;
        }
    }

    @Nested
    class Memory extends OfCore {
        Memory() {
            super("memory");
        }

        @Override
        protected Map<String, Object> options(String name) {
            return Map.of("size", SIZE);
        }

        @Override
        protected boolean persists() {
            return false;
        }
    }

    private abstract static class Null extends OfCore {
        Null(String driver) {
            super(driver);
        }

        @Override
        protected Map<String, Object> options(String name) {
            return Map.of("size", SIZE);
        }

        /** What is written is forgotten. */
        @Override
        protected boolean writes() {
            return false;
        }
    }

    @Nested
    @EnabledIfSystemProperty(
            named = "diskport.long",
            matches = "true",
            disabledReason = "only with -Ddiskport.long=true")
    class NullCo extends Null {
        NullCo() {
            super("null-co");
        }
    }

    @Nested
    @EnabledIfSystemProperty(
            named = "diskport.long",
            matches = "true",
            disabledReason = "only with -Ddiskport.long=true")
    class NullAio extends Null {
        NullAio() {
            super("null-aio");
        }
    }

    @Nested
    class Raw extends OfCore {
        Raw() {
            super("raw");
        }

        @Override
        protected Map<String, Object> options(String name) throws BlockException {
            return Map.of("file", below(name), "offset", "513");
        }
    }

    @Nested
    class Throttle extends OfCore {
        Throttle() {
            super("throttle");
        }

        @Override
        protected void prepare(TestRuntime started) throws Exception {
            started.objects()
                    .add(
                            Map.of(
                                    "qom-type",
                                    "throttle-group",
                                    "id",
                                    "limits",
                                    "limits.iops-total",
                                    1_000_000));
        }

        @Override
        protected Map<String, Object> options(String name) throws BlockException {
            return Map.of("throttle-group", "limits", "file", below(name));
        }
    }
}
