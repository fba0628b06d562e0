package io.diskport.core.life;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.export.Client;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.NodeEntry;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.node.NodeContext;
import io.diskport.api.node.Permissions;
import io.diskport.api.options.NodeRef;
import io.diskport.api.options.Option;
import io.diskport.core.nodes.MemoryNodeDriver;
import io.diskport.core.nodes.RawNodeDriver;
import io.diskport.core.nodes.ThrottleNodeDriver;
import io.diskport.core.objects.ThrottleGroupDriver;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes wrong at one place and must not be felt at another. */
class TroubleTest {
    private final System.Logger log = System.getLogger("test");
    private final Changes changes = new Changes(log);
    private final Graph graph =
            new Graph((kind, type) -> "no driver for " + kind + " " + type, changes, log);
    private final Exports exports = new Exports(graph, changes);
    private final Nodes nodes = new Nodes(graph, changes);
    private final Fakes.NodeDriver nodeDriver = new Fakes.NodeDriver();
    private final Fakes.ExportDriver exportDriver = new Fakes.ExportDriver();

    @BeforeEach
    void drivers() {
        graph.driverCame(Fakes.ref(Kind.NODE, "fake", 0, nodeDriver));
        graph.driverCame(Fakes.ref(Kind.NODE, "memory", 0, new MemoryNodeDriver()));
        graph.driverCame(Fakes.ref(Kind.NODE, "raw", 0, new RawNodeDriver()));
        graph.driverCame(Fakes.ref(Kind.EXPORT, "fake", 0, exportDriver));
    }

    @AfterEach
    void close() {
        graph.close();
    }

    @Test
    void whatWaitsForEachOtherIsStartedWheneverTheOtherComes() throws Exception {
        for (int i = 0; i < 500; i++) {
            Item node = NodeItem.of(graph, node("n" + i), true);
            Item export = ExportItem.of(graph, export("e" + i, "n" + i), true);
            graph.add(node);
            graph.add(export);
            String id = export.id();
            GraphTest.await(() -> exports.find(id).orElseThrow().state() == EntryState.RUNNING);
            graph.endings().end(node, Ending.deleted(ShutdownMode.HARD)).get(20, TimeUnit.SECONDS);
            graph.endings()
                    .end(export, Ending.deleted(ShutdownMode.HARD))
                    .get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void aFailedAdditionTakesItsInlineNodesWithItBeforeItReturns() {
        for (int i = 0; i < 50; i++) {
            Map<String, Object> export =
                    export("e", Map.of("driver", "fake", "node-name", "inline"));
            export.put("fail", "broken");
            BlockException refusal = assertThrows(BlockException.class, () -> exports.add(export));
            assertEquals("broken", refusal.getMessage());
        }
        assertTrue(nodes.list().isEmpty());
    }

    @Test
    void anInlineNodeComesAndGoesWithItsOwner() throws Exception {
        exports.add(export("e", Map.of("driver", "fake", "node-name", "inline")));
        BlockException refusal = assertThrows(BlockException.class, () -> nodes.delete("inline"));
        assertEquals(Reason.IN_USE, refusal.reason());
        exports.delete("e", ShutdownMode.SAFE);
        GraphTest.await(() -> nodes.list().isEmpty());
    }

    record TwoChildren(
            @Option(description = "one") NodeRef one, @Option(description = "two") NodeRef two) {}

    private static final class TwoChildrenDriver implements BlockNodeDriver<TwoChildren> {
        @Override
        public Class<TwoChildren> optionsType() {
            return TwoChildren.class;
        }

        @Override
        public BlockNode open(NodeContext context, TwoChildren options) throws BlockException {
            throw new BlockException(Reason.FAILED, "never opens");
        }
    }

    @Test
    void anotherTryDoesNotMakeInlineNodesAnew() throws Exception {
        graph.driverCame(Fakes.ref(Kind.NODE, "two", 0, new TwoChildrenDriver()));
        nodes.add(node("taken"));
        Map<String, Object> options = new LinkedHashMap<>(Map.of("driver", "two"));
        options.put("node-name", "t");
        options.put("one", Map.of("driver", "fake"));
        options.put("two", Map.of("driver", "fake", "node-name", "taken"));
        Item item = NodeItem.of(graph, options, true);
        graph.add(item);
        GraphTest.await(() -> item.failures > 2);
        List<String> there = nodes.list().stream().map(NodeEntry::id).toList();
        assertEquals(3, there.size(), there.toString());
    }

    @Test
    void nodesThatNeedEachOtherAreShownAsSuch() throws Exception {
        graph.add(NodeItem.of(graph, raw("a", "b"), true));
        graph.add(NodeItem.of(graph, raw("b", "a"), true));
        GraphTest.await(() -> nodes.find("a").orElseThrow().reason().contains("in a circle"));
    }

    @Test
    void softFlushesBeforeItFailsRequests() throws Exception {
        nodes.add(node("n"));
        exports.add(export("e", "n"));
        exports.delete("e", ShutdownMode.SOFT);
        GraphTest.await(() -> exports.find("e").isEmpty());
        assertEquals(1, nodeDriver.nodes.get(0).flushes);
    }

    @Test
    void goneIsSaidOnceAndOnlyWhenItIs() throws Exception {
        nodes.add(node("n"));
        exports.add(export("e", "n"));
        Client client = exportDriver.last().context.client("somebody");
        BlockingQueue<Boolean> seen = new LinkedBlockingQueue<>();
        exports.watch(change -> seen.add(change.gone()));
        exports.delete("e", ShutdownMode.HIDE);
        assertEquals(false, seen.poll(5, TimeUnit.SECONDS));
        client.close();
        GraphTest.await(() -> seen.contains(true));
        assertTrue(exports.find("e").isEmpty());
        assertEquals(1, seen.stream().filter(gone -> gone).count());
    }

    @Test
    void aFailedAdditionSaysThatItsIdIsFree() {
        BlockingQueue<Item> freed = new LinkedBlockingQueue<>();
        changes.watchFreed(freed::add);
        assertThrows(BlockException.class, () -> exports.add(export("e", "nowhere")));
        GraphTest.run(() -> assertNotNull(freed.poll(5, TimeUnit.SECONDS)));
    }

    @Test
    void whatIsReadOnlyIsNeitherWrittenNorResized() throws Exception {
        nodes.add(memory("m", "on"));
        assertThrows(BlockException.class, () -> nodes.resize("m", 0));
        assertThrows(BlockException.class, () -> exports.add(export("e", "m")));
        Map<String, Object> readOnly = export("e", "m");
        readOnly.put("writable", "off");
        exports.add(readOnly);
        BlockBackend backend = exportDriver.last().context.backend();
        BlockIOException failure =
                assertThrows(
                        BlockIOException.class, () -> backend.write(0, 0, ByteBuffer.allocate(1)));
        assertEquals(Errno.EROFS, failure.errno());
        assertFalse(backend.resizable());
    }

    @Test
    void aResizeReachesTheExportAndWhatWasCutOffIsZeroWhenItComesBack() throws Exception {
        nodes.add(memory("m", "off"));
        exports.add(export("e", "m"));
        BlockBackend backend = exportDriver.last().context.backend();
        backend.write(5000, 0, ByteBuffer.wrap(new byte[] {7}));
        nodes.resize("m", 4096);
        nodes.resize("m", 8192);
        assertEquals(List.of(4096L, 8192L), exportDriver.last().lengths);
        ByteBuffer back = ByteBuffer.allocate(1);
        backend.read(5000, back);
        assertEquals(0, back.get(0));
    }

    @Test
    void aNodeIsNotCutBelowWhatOthersShowOfIt() throws Exception {
        nodes.add(memory("m", "off"));
        Map<String, Object> part = raw("part", "m");
        part.put("offset", "4k");
        part.put("size", "8k");
        nodes.add(part);
        BlockException refusal = assertThrows(BlockException.class, () -> nodes.resize("m", 12287));
        assertTrue(refusal.getMessage().contains("node 'part' stands on 12288"));
        nodes.resize("m", 12288);
    }

    @Test
    void resizingWaitsForRequestsAndDoesNotLoseThem() throws Exception {
        nodes.add(memory("m", "off"));
        exports.add(export("e", "m"));
        BlockBackend backend = exportDriver.last().context.backend();
        CompletableFuture<Void> load =
                CompletableFuture.runAsync(
                        () ->
                                GraphTest.run(
                                        () -> {
                                            for (int i = 0; i < 20_000; i++) {
                                                backend.write(0, 0, ByteBuffer.allocate(512));
                                            }
                                        }));
        for (int i = 0; i < 50; i++) {
            nodes.resize("m", i % 2 == 0 ? 4096 : 1 << 20);
        }
        load.get(30, TimeUnit.SECONDS);
    }

    @Test
    void requestsThatWaitInAThrottleFailWhenTheirExportEnds() throws Exception {
        graph.driverCame(Fakes.ref(Kind.NODE, "throttle", 0, new ThrottleNodeDriver()));
        graph.driverCame(Fakes.ref(Kind.OBJECT, "throttle-group", 0, new ThrottleGroupDriver()));
        Objects objects = new Objects(graph, changes);
        objects.add(
                Map.of(
                        "qom-type", "throttle-group",
                        "id", "slow",
                        "limits.iops-total", "1",
                        "limits.iops-total-max", "1"));
        nodes.add(memory("m", "off"));
        nodes.add(
                Map.of(
                        "driver",
                        "throttle",
                        "node-name",
                        "t",
                        "throttle-group",
                        "slow",
                        "file",
                        "m"));
        exports.add(export("e", "t"));
        BlockBackend backend = exportDriver.last().context.backend();
        CountDownLatch served = new CountDownLatch(1);
        CompletableFuture<Errno> failure =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                while (true) {
                                    backend.read(0, ByteBuffer.allocate(1));
                                    served.countDown();
                                }
                            } catch (BlockIOException e) {
                                return e.errno();
                            }
                        });
        assertTrue(served.await(10, TimeUnit.SECONDS));
        exports.delete("e", ShutdownMode.HARD);
        assertEquals(Errno.ESHUTDOWN, failure.get(1, TimeUnit.SECONDS));
    }

    /** A node that takes for ever to give permissions back. */
    private static final class SlowToGiveBack implements BlockNodeDriver<Fakes.NodeOptions> {
        final CountDownLatch goOn = new CountDownLatch(1);

        @Override
        public Class<Fakes.NodeOptions> optionsType() {
            return Fakes.NodeOptions.class;
        }

        @Override
        public BlockNode open(NodeContext context, Fakes.NodeOptions options) {
            return new BlockNode() {
                @Override
                public long length() {
                    return 4096;
                }

                @Override
                public BlockLimits limits() {
                    return BlockLimits.ANY;
                }

                @Override
                public void read(long offset, ByteBuffer destination) {
                    destination.position(destination.limit());
                }

                @Override
                public void write(long offset, int flags, ByteBuffer source) {
                    source.position(source.limit());
                }

                @Override
                public void flush() {
                    // Nothing is kept.
                }

                @Override
                public void writeZeroes(long offset, long length, int flags) {
                    // Nothing is kept.
                }

                @Override
                public void setPermissions(Permissions held, Permissions shared)
                        throws BlockException {
                    if (held.isEmpty()) {
                        GraphTest.run(goOn::await);
                    }
                }

                @Override
                public void close() {
                    // Nothing is held.
                }
            };
        }
    }

    @Test
    void aNodeThatIsSlowToGiveBackPermissionsHoldsNobodyUp() throws Exception {
        SlowToGiveBack driver = new SlowToGiveBack();
        graph.driverCame(Fakes.ref(Kind.NODE, "slow", 0, driver));
        nodes.add(Map.of("driver", "slow", "node-name", "s"));
        exports.add(export("e", "s"));
        try {
            exports.delete("e", ShutdownMode.HARD);
            assertTrue(exports.find("e").isEmpty());
        } finally {
            driver.goOn.countDown();
        }
    }

    private static Map<String, Object> node(String name) {
        return new LinkedHashMap<>(Map.of("driver", "fake", "node-name", name));
    }

    private static Map<String, Object> raw(String name, String child) {
        return new LinkedHashMap<>(Map.of("driver", "raw", "node-name", name, "file", child));
    }

    private static Map<String, Object> memory(String name, String readOnly) {
        return Map.of("driver", "memory", "node-name", name, "size", "1M", "read-only", readOnly);
    }

    private static Map<String, Object> export(String id, Object node) {
        return new LinkedHashMap<>(
                Map.of("type", "fake", "id", id, "node-name", node, "writable", "on"));
    }
}
