package io.diskport.core.life;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.Handover;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HandoverTest {
    private final System.Logger log = System.getLogger("test");
    private final Changes changes = new Changes(log);
    private final Graph graph =
            new Graph((kind, type) -> "no driver for " + kind + " " + type, changes, log);
    private final Exports exports = new Exports(graph, changes);
    private final Nodes nodes = new Nodes(graph, changes);
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final CountDownLatch suspendHangs = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    @BeforeEach
    void node() throws Exception {
        graph.driverCame(Fakes.ref(Kind.NODE, "fake", 0, new Fakes.NodeDriver()));
        nodes.add(Map.of("driver", "fake", "node-name", "n"));
    }

    @AfterEach
    void close() {
        suspendHangs.countDown();
        graph.close();
    }

    /** What a driver with listeners has: objects that its exports use. */
    interface Listener extends BlockObject {}

    record ListenerOptions() {}

    record ServedOptions(@Option(description = "where it listens") ObjectRef<Listener> server) {}

    private final class ListenerDriver implements BlockObjectDriver<ListenerOptions> {
        private final String version;

        ListenerDriver(String version) {
            this.version = version;
        }

        @Override
        public Class<ListenerOptions> optionsType() {
            return ListenerOptions.class;
        }

        @Override
        public Class<Listener> contract() {
            return Listener.class;
        }

        @Override
        public BlockObject create(ObjectContext context, ListenerOptions options) {
            calls.add(
                    version
                            + " listens"
                            + context.handover().map(Handover::state).orElse(Map.of()));
            return new Listener() {
                @Override
                public Optional<Handover> suspend() {
                    calls.add(version + " suspends listener");
                    return Optional.of(new Handover("listener", 1, Map.of("port", 1)));
                }

                @Override
                public void close() {
                    calls.add(version + " closes listener");
                }
            };
        }
    }

    private final class ServedDriver implements BlockExportDriver<ServedOptions> {
        private final String version;

        ServedDriver(String version) {
            this.version = version;
        }

        @Override
        public Class<ServedOptions> optionsType() {
            return ServedOptions.class;
        }

        @Override
        public BlockExport create(ExportContext context, ServedOptions options) {
            calls.add(
                    version + " serves" + context.handover().map(Handover::state).orElse(Map.of()));
            return new BlockExport() {
                @Override
                public void requestShutdown(ShutdownMode mode) {
                    calls.add(version + " is asked to end");
                }

                @Override
                public void delete() {
                    calls.add(version + " is deleted");
                }

                @Override
                public Optional<Handover> suspend() {
                    calls.add(version + " suspends export");
                    return Optional.of(new Handover("export", 1, Map.of("client", 2)));
                }
            };
        }
    }

    @Test
    void exportsAndTheObjectsOfOneBundleAreHandedOverTogether() throws Exception {
        for (boolean exportsFirst : new boolean[] {true, false}) {
            calls.clear();
            DriverRef listeners = Fakes.ref(Kind.OBJECT, "listener", 0, new ListenerDriver("1"));
            DriverRef served = Fakes.ref(Kind.EXPORT, "served", 0, new ServedDriver("1"));
            graph.driverCame(listeners);
            graph.driverCame(served);
            Objects objects = new Objects(graph, changes);
            objects.add(Map.of("qom-type", "listener", "id", "s"));
            exports.add(Map.of("type", "served", "id", "e", "node-name", "n", "server", "s"));
            graph.driverLeft(exportsFirst ? served : listeners);
            graph.driverLeft(exportsFirst ? listeners : served);
            DriverRef nextListeners =
                    Fakes.ref(Kind.OBJECT, "listener", 0, new ListenerDriver("2"));
            DriverRef nextServed = Fakes.ref(Kind.EXPORT, "served", 0, new ServedDriver("2"));
            graph.driverCame(exportsFirst ? nextServed : nextListeners);
            graph.driverCame(exportsFirst ? nextListeners : nextServed);
            GraphTest.await(() -> exports.find("e").orElseThrow().state() == EntryState.RUNNING);
            assertEquals(
                    List.of(
                            "1 listens{}",
                            "1 serves{}",
                            "1 suspends export",
                            "1 suspends listener",
                            "2 listens{port=1}",
                            "2 serves{client=2}"),
                    calls);
            exports.delete("e", ShutdownMode.HARD);
            objects.delete("s");
            graph.driverLeft(nextServed);
            graph.driverLeft(nextListeners);
        }
    }

    @Test
    void theNextVersionHearsOfTheNodesLengthAndTheOldOneDoesNot() throws Exception {
        Fakes.ExportDriver before = new Fakes.ExportDriver();
        before.handsOver = true;
        DriverRef ref = Fakes.ref(Kind.EXPORT, "fake", 0, before);
        graph.driverCame(ref);
        exports.add(Map.of("type", "fake", "id", "e", "node-name", "n"));
        graph.driverLeft(ref);
        GraphTest.await(
                () ->
                        exports.find("e")
                                .orElseThrow()
                                .reason()
                                .equals(
                                        "no driver for export fake (its clients are held for up to"
                                                + " 30 s)"));
        Fakes.ExportDriver next = new Fakes.ExportDriver();
        graph.driverCame(Fakes.ref(Kind.EXPORT, "fake", 0, next));
        GraphTest.await(() -> exports.find("e").orElseThrow().state() == EntryState.RUNNING);
        ((NodeRun) graph.find(Kind.NODE, "n").orElseThrow().run).keeper.lengthChanged(5);
        assertEquals(List.of(5L), next.last().lengths);
        assertTrue(before.last().lengths.isEmpty());
    }

    record NoOptions() {}

    private final class SlowDriver implements BlockExportDriver<NoOptions> {
        @Override
        public Class<NoOptions> optionsType() {
            return NoOptions.class;
        }

        @Override
        public BlockExport create(ExportContext context, NoOptions options) {
            return new BlockExport() {
                @Override
                public void requestShutdown(ShutdownMode mode) {
                    calls.add("request");
                }

                @Override
                public void delete() {
                    calls.add("delete");
                }

                @Override
                public Optional<Handover> suspend() {
                    GraphTest.run(suspendHangs::await);
                    AutoCloseable socket = closed::countDown;
                    return Optional.of(new Handover("test", 1, Map.of("socket", socket)));
                }
            };
        }
    }

    @Test
    void aHandoverThatComesTooLateIsClosed() throws Exception {
        DriverRef ref = Fakes.ref(Kind.EXPORT, "slow", 0, new SlowDriver());
        graph.driverCame(ref);
        exports.add(Map.of("type", "slow", "id", "e", "node-name", "n"));
        graph.driverLeft(ref);
        assertEquals(List.of("request", "delete"), calls);
        assertFalse(closed.await(0, TimeUnit.SECONDS));
        suspendHangs.countDown();
        assertTrue(closed.await(10, TimeUnit.SECONDS));
    }
}
