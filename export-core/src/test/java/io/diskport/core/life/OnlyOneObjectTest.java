package io.diskport.core.life;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.export.ExportContext;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.Kind;
import io.diskport.api.object.BlockObject;
import io.diskport.api.object.BlockObjectDriver;
import io.diskport.api.object.ObjectContext;
import io.diskport.api.options.ObjectRef;
import io.diskport.api.options.Option;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An option that means the only object of its kind. */
class OnlyOneObjectTest {
    private final System.Logger log = System.getLogger("test");
    private final Changes changes = new Changes(log);
    private final Graph graph = new Graph((kind, type) -> "no driver", changes, log);
    private final Exports exports = new Exports(graph, changes);
    private final Nodes nodes = new Nodes(graph, changes);
    private final Objects objects = new Objects(graph, changes);

    interface Listener extends BlockObject {}

    interface Other extends BlockObject {}

    record NoOptions() {}

    record Options(
            @Option(description = "the listener", onlyOne = true) ObjectRef<Listener> server) {}

    private record ObjectDriver<T extends BlockObject>(Class<T> contract, T object)
            implements BlockObjectDriver<NoOptions> {
        @Override
        public Class<NoOptions> optionsType() {
            return NoOptions.class;
        }

        @Override
        public BlockObject create(ObjectContext context, NoOptions options) {
            return object;
        }
    }

    private static final class ExportDriver implements BlockExportDriver<Options> {
        volatile String last = "";

        @Override
        public Class<Options> optionsType() {
            return Options.class;
        }

        @Override
        public BlockExport create(ExportContext context, Options options) throws BlockException {
            context.object(options.server());
            last = options.server().id();
            return new BlockExport() {
                @Override
                public void requestShutdown(ShutdownMode mode) {}

                @Override
                public void delete() {}
            };
        }
    }

    private final ExportDriver exportDriver = new ExportDriver();

    @BeforeEach
    void drivers() throws Exception {
        graph.driverCame(Fakes.ref(Kind.NODE, "fake", 0, new Fakes.NodeDriver()));
        graph.driverCame(Fakes.ref(Kind.EXPORT, "net", 0, exportDriver));
        graph.driverCame(
                Fakes.ref(
                        Kind.OBJECT,
                        "listener",
                        0,
                        new ObjectDriver<>(Listener.class, new Listener() {})));
        graph.driverCame(
                Fakes.ref(
                        Kind.OBJECT, "other", 0, new ObjectDriver<>(Other.class, new Other() {})));
        nodes.add(Map.of("driver", "fake", "node-name", "n"));
    }

    @AfterEach
    void close() {
        graph.close();
    }

    @Test
    void nothingGivenMeansTheOnlyObjectOfItsContract() throws Exception {
        objects.add(Map.of("qom-type", "other", "id", "o"));
        objects.add(Map.of("qom-type", "listener", "id", "a"));
        exports.add(export());
        assertEquals("a", exportDriver.last);
        assertTrue(objects.find("a").orElseThrow().users().toString().contains("'e'"));
        BlockException used = assertThrows(BlockException.class, () -> objects.delete("a"));
        assertEquals(BlockException.Reason.IN_USE, used.reason());
    }

    @Test
    void withoutAnyItIsRefusedByTheTypeThatIsMissing() {
        BlockException refused = assertThrows(BlockException.class, () -> exports.add(export()));
        assertEquals(
                "Option 'server' of export 'e' is not given, and there is no listener yet",
                refused.getMessage());
    }

    @Test
    void withSeveralOneHasToBeNamed() throws Exception {
        objects.add(Map.of("qom-type", "listener", "id", "a"));
        objects.add(Map.of("qom-type", "listener", "id", "b"));
        BlockException refused = assertThrows(BlockException.class, () -> exports.add(export()));
        assertTrue(refused.getMessage().endsWith("there are several: one of a, b"));
        exports.add(Map.of("type", "net", "id", "e", "node-name", "n", "server", "b"));
        assertEquals("b", exportDriver.last);
    }

    @Test
    void whatIsDesiredWaitsForItAndKeepsItWhenAnotherComes() throws Exception {
        graph.add(ExportItem.of(graph, export(), true));
        await(EntryState.WAITING);
        objects.add(Map.of("qom-type", "listener", "id", "a"));
        await(EntryState.RUNNING);
        objects.add(Map.of("qom-type", "listener", "id", "b"));
        DriverRef again = Fakes.ref(Kind.EXPORT, "net", 1, exportDriver);
        exportDriver.last = "";
        graph.driverCame(again);
        for (DriverRef driver : graph.drivers()) {
            if (driver.identity().type().equals("net") && driver != again) {
                graph.driverLeft(driver);
            }
        }
        await(EntryState.RUNNING);
        assertEquals("a", exportDriver.last);
    }

    private static Map<String, Object> export() {
        return Map.of("type", "net", "id", "e", "node-name", "n");
    }

    private void await(EntryState state) throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        try (AutoCloseable watch =
                exports.watch(
                        change -> {
                            if (change.entry().state() == state) {
                                reached.countDown();
                            }
                        })) {
            if (exports.find("e").orElseThrow().state() != state) {
                assertTrue(reached.await(10, TimeUnit.SECONDS), () -> "never " + state);
            }
        }
    }
}
