package io.diskport.core.life;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.export.Client;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.ExportEntry;
import io.diskport.api.manage.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GraphTest {
    private final System.Logger log = System.getLogger("test");
    private final Changes changes = new Changes(log);
    private final Graph graph =
            new Graph((kind, type) -> "no driver for " + kind + " " + type, changes, log);
    private final Exports exports = new Exports(graph, changes);
    private final Nodes nodes = new Nodes(graph, changes);
    private final Fakes.NodeDriver nodeDriver = new Fakes.NodeDriver();
    private final Fakes.ExportDriver exportDriver = new Fakes.ExportDriver();
    private final DriverRef nodeRef = Fakes.ref(Kind.NODE, "fake", 0, nodeDriver);
    private final DriverRef exportRef = Fakes.ref(Kind.EXPORT, "fake", 0, exportDriver);

    @BeforeEach
    void drivers() {
        graph.driverCame(nodeRef);
        graph.driverCame(exportRef);
    }

    @AfterEach
    void close() {
        nodeDriver.nodes.forEach(node -> node.hangs.countDown());
        exportDriver.createHangs.countDown();
        graph.close();
    }

    @Test
    void anExportReadsAndWritesItsNode() throws Exception {
        nodes.add(node("n"));
        ExportEntry entry = exports.add(export("e", "n"));
        assertEquals(EntryState.RUNNING, entry.state());
        var backend = exportDriver.last().context.backend();
        backend.write(10, 0, ByteBuffer.wrap(new byte[] {1, 2, 3}));
        ByteBuffer back = ByteBuffer.allocate(3);
        backend.read(10, back);
        assertEquals(ByteBuffer.wrap(new byte[] {1, 2, 3}), back.flip());
        entry = exports.find("e").orElseThrow();
        assertEquals(1, entry.stats().writes());
        assertEquals(3, entry.stats().readBytes());
        assertErrno(Errno.EINVAL, () -> backend.read(65530, ByteBuffer.allocate(10)));
        assertErrno(Errno.ENOSPC, () -> backend.write(65530, 0, ByteBuffer.allocate(10)));
        assertEquals(2, exports.find("e").orElseThrow().stats().errors());
    }

    @Test
    void whatFailsLeavesNothingBehind() throws Exception {
        assertRefused(
                Reason.NOT_FOUND,
                "Cannot find device='' nor node-name='n'",
                () -> exports.add(export("e", "n")));
        assertRefused(Reason.FAILED, "broken", () -> nodes.add(with(node("n"), "fail", "broken")));
        nodes.add(node("n"));
        assertRefused(
                Reason.FAILED,
                "cannot",
                () -> exports.add(with(export("e", "n"), "fail", "cannot")));
        assertRefused(
                Reason.INVALID,
                "Parameter 'frob' is unexpected",
                () -> exports.add(with(export("e", "n"), "frob", "1")));
        assertRefused(
                Reason.UNAVAILABLE,
                "no driver for export other",
                () -> exports.add(with(export("e", "n"), "type", "other")));
        assertTrue(exports.list().isEmpty());
        assertTrue(nodes.find("n").orElseThrow().users().isEmpty());
        nodes.delete("n");
        assertTrue(nodeDriver.nodes.get(0).closed);
    }

    @Test
    void anIdHasOneOwner() throws Exception {
        nodes.add(node("n"));
        exports.add(export("e", "n"));
        assertRefused(
                Reason.EXISTS,
                "Block export id 'e' is already in use",
                () -> exports.add(export("e", "n")));
        assertRefused(
                Reason.EXISTS, "Duplicate nodes with node-name='n'", () -> nodes.add(node("n")));
        assertRefused(
                Reason.INVALID, "Invalid block export id", () -> exports.add(export("1", "n")));
    }

    @Test
    void manyThreadsAddAndDeleteTheSameIdsWithoutConfusion() throws Exception {
        nodes.add(node("n"));
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            all.add(
                    CompletableFuture.runAsync(
                            () -> {
                                for (int i = 0; i < 50; i++) {
                                    String id = "e" + i % 3;
                                    quietly(() -> exports.add(export(id, "n")));
                                    quietly(() -> exports.delete(id, ShutdownMode.HARD));
                                }
                            }));
        }
        for (CompletableFuture<Void> one : all) {
            one.get(60, TimeUnit.SECONDS);
        }
        for (ExportEntry entry : exports.list()) {
            exports.delete(entry.id(), ShutdownMode.HARD);
        }
        assertTrue(exportDriver.exports.stream().allMatch(export -> export.deleted));
        assertTrue(nodes.find("n").orElseThrow().users().isEmpty());
    }

    @Test
    void aUsedNodeIsNotDeleted() throws Exception {
        nodes.add(node("n"));
        exports.add(export("e", "n"));
        assertRefused(Reason.IN_USE, "in use by export 'e'", () -> nodes.delete("n"));
    }

    @Test
    void safeIsRefusedWhileAClientIsThereAndHardDropsIt() throws Exception {
        nodes.add(node("n"));
        exports.add(export("e", "n"));
        Client client = exportDriver.last().context.client("somebody");
        assertRefused(Reason.IN_USE, "still in use", () -> exports.delete("e", ShutdownMode.SAFE));
        assertEquals("somebody", exports.find("e").orElseThrow().clients().get(0).description());
        CompletableFuture<Void> gone =
                CompletableFuture.runAsync(
                        () -> quietly(() -> exports.delete("e", ShutdownMode.HARD)));
        await(() -> exportDriver.last().requests.contains(ShutdownMode.HARD));
        assertThrows(BlockException.class, () -> exportDriver.last().context.client("another"));
        client.close();
        gone.get(3, TimeUnit.SECONDS);
        assertTrue(exports.find("e").isEmpty());
    }

    @Test
    void hideLetsClientsFinishAndSoftFailsTheirRequests() throws Exception {
        nodes.add(node("n"));
        exports.add(export("hidden", "n"));
        Fakes.Export hidden = exportDriver.last();
        Client client = hidden.context.client("somebody");
        exports.delete("hidden", ShutdownMode.HIDE);
        await(() -> hidden.requests.contains(ShutdownMode.HIDE));
        client.backend().read(0, ByteBuffer.allocate(1));
        assertRefused(
                Reason.SHUTTING_DOWN,
                "already shutting down",
                () -> exports.delete("hidden", ShutdownMode.SAFE));
        client.close();
        await(() -> exports.find("hidden").isEmpty());

        exports.add(export("soft", "n"));
        Fakes.Export soft = exportDriver.last();
        Client other = soft.context.client("somebody");
        exports.delete("soft", ShutdownMode.SOFT);
        await(() -> fails(() -> other.backend().read(0, ByteBuffer.allocate(1))));
        assertErrno(Errno.ESHUTDOWN, () -> other.backend().read(0, ByteBuffer.allocate(1)));
        exports.delete("soft", ShutdownMode.HARD);
        assertTrue(soft.deleted, "hard ends what soft has begun, client or not");
    }

    @Test
    void anExportWaitsForItsDriverAndComesBack() throws Exception {
        nodes.add(node("n"));
        exports.add(export("e", "n"));
        Fakes.Export first = exportDriver.last();
        graph.driverLeft(exportRef);
        assertTrue(first.deleted);
        ExportEntry waiting = exports.find("e").orElseThrow();
        assertEquals(EntryState.WAITING, waiting.state());
        assertEquals("no driver for export fake", waiting.reason());
        graph.driverCame(exportRef);
        await(() -> exports.find("e").orElseThrow().state() == EntryState.RUNNING);
        assertNotSame(first, exportDriver.last());
    }

    @Test
    void aNodeThatGoesTakesItsExportsWithItAndBringsThemBack() throws Exception {
        nodes.add(node("n"));
        exports.add(export("e", "n"));
        Fakes.Node before = nodeDriver.nodes.get(0);
        graph.driverLeft(nodeRef);
        assertTrue(exportDriver.last().deleted);
        assertTrue(before.closed);
        await(() -> exports.find("e").orElseThrow().state() == EntryState.WAITING);
        graph.driverCame(nodeRef);
        await(() -> exports.find("e").orElseThrow().state() == EntryState.RUNNING);
    }

    @Test
    void aPlaceholderNeverServesAndGivesWay() throws Exception {
        graph.driverLeft(exportRef);
        graph.driverCame(Fakes.placeholder(Kind.EXPORT, "fake", exportDriver));
        nodes.add(node("n"));
        assertThrows(BlockException.class, () -> exports.add(export("e", "n")));
        graph.add(ExportItem.of(graph, new LinkedHashMap<>(export("e", "n")), true));
        assertEquals(EntryState.WAITING, exports.find("e").orElseThrow().state());
        graph.driverCame(exportRef);
        await(() -> exports.find("e").orElseThrow().state() == EntryState.RUNNING);
        graph.driverLeft(exportRef);
        assertEquals(EntryState.WAITING, exports.find("e").orElseThrow().state());
    }

    @Test
    void theHighestRankingServesAndWhatRunsStaysWithItsDriver() throws Exception {
        nodes.add(node("n"));
        exports.add(export("e", "n"));
        Fakes.ExportDriver better = new Fakes.ExportDriver();
        graph.driverCame(Fakes.ref(Kind.EXPORT, "fake", 10, better));
        assertFalse(exportDriver.last().deleted);
        exports.add(export("f", "n"));
        assertEquals(1, better.exports.size());
        graph.driverLeft(exportRef);
        await(() -> better.exports.size() == 2);
    }

    @Test
    void aHandoverReachesTheNextVersionAndTheBackendGoesOn() throws Exception {
        nodes.add(node("n"));
        exports.add(export("e", "n"));
        exportDriver.handsOver = true;
        var backend = exportDriver.last().context.backend();
        graph.driverLeft(exportRef);
        assertFalse(exportDriver.last().deleted);
        Fakes.ExportDriver next = new Fakes.ExportDriver();
        graph.driverCame(Fakes.ref(Kind.EXPORT, "fake", 0, next));
        await(() -> exports.find("e").orElseThrow().state() == EntryState.RUNNING);
        assertTrue(next.last().handover.orElseThrow().is("test", 1));
        backend.read(0, ByteBuffer.allocate(1));
        assertEquals(1, nodes.find("n").orElseThrow().users().size());
        exports.delete("e", ShutdownMode.SAFE);
        assertTrue(nodes.find("n").orElseThrow().users().isEmpty());
    }

    @Test
    void aHandoverThatNobodyWillTakeIsClosed() throws Exception {
        nodes.add(node("n"));
        exports.add(export("e", "n"));
        exportDriver.handsOver = true;
        CountDownLatch closed = new CountDownLatch(1);
        exportDriver.last().resource = closed::countDown;
        graph.driverLeft(exportRef);
        assertEquals(1, closed.getCount());
        graph.bundleUninstalled(7);
        assertTrue(closed.await(5, TimeUnit.SECONDS));
        await(() -> exports.find("e").orElseThrow().state() == EntryState.WAITING);
        nodes.delete("n");
    }

    @Test
    void aCreateInProgressDoesNotHoldUpTheDriversLeaving() throws Exception {
        nodes.add(node("n"));
        exportDriver.createHangs = new CountDownLatch(1);
        graph.add(ExportItem.of(graph, new LinkedHashMap<>(export("e", "n")), true));
        exportDriver.creating.await(5, TimeUnit.SECONDS);
        long begun = System.nanoTime();
        graph.driverLeft(exportRef);
        long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        assertTrue(took < Graph.CALLBACK_MILLIS, took + " ms");
        exportDriver.createHangs.countDown();
        await(() -> !exportDriver.exports.isEmpty() && exportDriver.last().deleted);
        graph.driverCame(exportRef);
        await(() -> exports.find("e").orElseThrow().state() == EntryState.RUNNING);
    }

    @Test
    void aNodeThatHangsIsNotClosedUnderItsRequestAndOthersGoOn() throws Exception {
        nodes.add(node("n"));
        exports.add(export("e", "n"));
        nodes.add(node("m"));
        exports.add(export("f", "m"));
        var good = exportDriver.last().context.backend();
        Fakes.Node hanging = nodeDriver.nodes.get(0);
        hanging.hang = true;
        var backend = exportDriver.exports.get(0).context.backend();
        CompletableFuture<Void> stuck =
                CompletableFuture.runAsync(
                        () -> {
                            try {
                                backend.read(0, ByteBuffer.allocate(1));
                            } catch (BlockIOException e) {
                                throw new IllegalStateException(e);
                            }
                        });
        assertTrue(hanging.inHang.await(5, TimeUnit.SECONDS));
        exports.delete("e", ShutdownMode.HARD);
        assertErrno(Errno.ESHUTDOWN, () -> backend.read(0, ByteBuffer.allocate(1)));
        nodes.delete("n");
        assertFalse(hanging.closed, "a request is inside");
        good.read(0, ByteBuffer.allocate(1));
        hanging.hangs.countDown();
        stuck.get(5, TimeUnit.SECONDS);
        await(() -> hanging.closed);
    }

    @Test
    void anExportThatStopsByItselfFailsAndIsTriedAgainIfDesired() throws Exception {
        nodes.add(node("n"));
        graph.add(ExportItem.of(graph, new LinkedHashMap<>(export("e", "n")), true));
        await(() -> exports.find("e").orElseThrow().state() == EntryState.RUNNING);
        Fakes.Export first = exportDriver.last();
        first.context.ended(new IllegalStateException("taken away"));
        await(() -> first.deleted);
        await(() -> exportDriver.last() != first);
        await(() -> exports.find("e").orElseThrow().state() == EntryState.RUNNING);
    }

    @Test
    void theNodesLengthReachesTheExport() throws Exception {
        nodes.add(node("n"));
        exports.add(export("e", "n"));
        assertRefused(
                Reason.UNSUPPORTED, "resizing is not supported", () -> nodes.resize("n", 100));
        assertTrue(exportDriver.last().lengths.isEmpty());
    }

    private static Map<String, Object> node(String name) {
        return Map.of("driver", "fake", "node-name", name);
    }

    private static Map<String, Object> export(String id, String node) {
        return Map.of("type", "fake", "id", id, "node-name", node, "writable", "on");
    }

    private static Map<String, Object> with(Map<String, Object> map, String key, Object value) {
        Map<String, Object> copy = new LinkedHashMap<>(map);
        copy.put(key, value);
        return copy;
    }

    interface Call {
        void run() throws Exception;
    }

    /** Makes every exception an unchecked one. */
    static void run(Call call) {
        try {
            call.run();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void quietly(Call call) {
        try {
            call.run();
        } catch (BlockException e) {
            // Refused because another thread was first: that is what the test provokes.
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean fails(Call call) {
        try {
            call.run();
            return false;
        } catch (Exception e) {
            return true;
        }
    }

    private static void assertRefused(Reason reason, String message, Call call) {
        BlockException refusal = assertThrows(BlockException.class, call::run);
        assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
        assertEquals(reason, refusal.reason());
    }

    private static void assertErrno(Errno errno, Call call) {
        BlockIOException failure = assertThrows(BlockIOException.class, call::run);
        assertEquals(errno, failure.errno(), failure.getMessage());
    }

    static void await(BooleanSupplier condition) throws ExecutionException, InterruptedException {
        CompletableFuture<Void> holds =
                CompletableFuture.runAsync(
                        () -> {
                            while (!condition.getAsBoolean()) {
                                Thread.onSpinWait();
                                Thread.yield();
                            }
                        });
        try {
            holds.get(15, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("the condition does not hold after 15 s", e);
        }
    }
}
