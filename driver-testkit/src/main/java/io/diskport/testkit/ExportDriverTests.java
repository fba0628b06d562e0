package io.diskport.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.diskport.api.BlockException;
import io.diskport.api.Errno;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.ExportEntry;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.ThrowingSupplier;

/**
 * What every export driver has to do right. Extend it, say how an export of the type is made and
 * how a client reads and writes it, and run it in the integration-test phase, once the bundle is
 * built.
 */
public abstract class ExportDriverTests extends DriverTests {
    private static final int LENGTH = 1 << 20;

    private final AtomicInteger number = new AtomicInteger();

    /**
     * The driver's own options of an export, beside those that all exports have.
     *
     * @param id the export's id, unlike that of any other of this test
     */
    protected abstract Map<String, Object> options(String id) throws IOException;

    /** Connects a client to an export that runs. */
    protected abstract ExportClient connect(ExportEntry export) throws IOException;

    /** Whether clients can write. */
    protected boolean writes() {
        return true;
    }

    /** Whether clients stay connected while the driver's bundle is replaced. */
    protected boolean keepsClients() {
        return false;
    }

    /** Whether a connected client is registered, so that a safe deletion is refused. */
    protected boolean registersClients() {
        return true;
    }

    /**
     * Whether the export's node is read when a client reads, and not a copy that was made before.
     */
    protected boolean readsTheNode() {
        return true;
    }

    private TestNode node(String name) {
        TestNode node = runtime().node(name, LENGTH);
        node.fill(pattern(LENGTH, name.hashCode()));
        return node;
    }

    private static byte[] pattern(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private Map<String, Object> all(String id, String node) throws IOException {
        Map<String, Object> options = new HashMap<>(options(id));
        options.put("type", type());
        options.put("id", id);
        options.put("node-name", node);
        options.put("writable", writes());
        return options;
    }

    private ExportEntry add(String node) throws Exception {
        String id = "e" + number.incrementAndGet();
        ExportEntry added = runtime().exports().add(all(id, node));
        assertEquals(EntryState.RUNNING, added.state());
        return added;
    }

    private void delete(ExportEntry export) throws BlockException {
        runtime().exports().delete(export.id(), ShutdownMode.HARD);
    }

    // Life

    @Test
    final void servesWhatIsOnTheNode() throws Exception {
        TestNode node = node("n");
        ExportEntry export = add("n");
        try (ExportClient client = connect(export)) {
            assertEquals(LENGTH, client.length());
            byte[] content = node.content();
            for (int[] range :
                    new int[][] {{0, 1}, {0, 4096}, {1, 511}, {LENGTH - 1, 1}, {4095, 70_000}}) {
                assertArrayEquals(
                        Arrays.copyOfRange(content, range[0], range[0] + range[1]),
                        client.read(range[0], range[1]),
                        "offset " + range[0] + ", length " + range[1]);
            }
        }
        delete(export);
        assertTrue(runtime().exports().list().isEmpty(), "it is gone");
    }

    @Test
    final void hasAnAddress() throws Exception {
        node("n");
        ExportEntry export = add("n");
        assertFalse(export.info().address().isEmpty(), "where clients find it");
    }

    @Test
    final void isMadeAgainUnderTheSameOptions() throws Exception {
        node("n");
        for (int i = 0; i < 3; i++) {
            ExportEntry export = runtime().exports().add(all("same", "n"));
            try (ExportClient client = connect(export)) {
                client.read(0, 512);
            }
            delete(export);
        }
    }

    @Test
    final void servesSeveralAtOnce() throws Exception {
        ExportEntry[] exports = new ExportEntry[4];
        TestNode[] nodes = new TestNode[exports.length];
        for (int i = 0; i < exports.length; i++) {
            nodes[i] = node("n" + i);
            exports[i] = add("n" + i);
        }
        for (int i = 0; i < exports.length; i++) {
            try (ExportClient client = connect(exports[i])) {
                assertArrayEquals(
                        Arrays.copyOf(nodes[i].content(), 4096),
                        client.read(0, 4096),
                        "export " + i);
            }
        }
    }

    @Test
    final void isRefusedWhileAClientIsThere() throws Exception {
        assumeTrue(registersClients(), "clients are not registered");
        node("n");
        ExportEntry export = add("n");
        try (ExportClient client = connect(export)) {
            client.read(0, 512);
            assertRefused(
                    export.id(), () -> runtime().exports().delete(export.id(), ShutdownMode.SAFE));
            client.read(0, 512);
        }
        Await.until(
                "the client is forgotten",
                () -> runtime().exports().find(export.id()).orElseThrow().clients().isEmpty());
        runtime().exports().delete(export.id(), ShutdownMode.SAFE);
    }

    @Test
    final void endsWhileARequestHangsInTheNode() throws Exception {
        assumeTrue(readsTheNode(), "requests do not reach the node");
        TestNode node = node("n");
        ExportEntry export = add("n");
        ExportClient client = connect(export);
        node.hang();
        Thread reader =
                new Thread(
                        () -> {
                            try {
                                client.read(8192, 4096);
                            } catch (IOException e) {
                                // That is what it gets.
                                assertNotEquals("", e.toString());
                            }
                        });
        reader.setDaemon(true);
        reader.start();
        Await.until("the request is in the node", () -> node.waiting() > 0);
        long begun = System.nanoTime();
        delete(export);
        assertTrue(System.nanoTime() - begun < 10_000_000_000L, "within 10 s");
        node.release();
        reader.join(Await.SOON.toMillis());
        assertFalse(reader.isAlive(), "the client was left waiting");
    }

    @Test
    final void endsUnderLoad() throws Exception {
        node("n");
        for (int round = 0; round < 5; round++) {
            ExportEntry export = add("n");
            Load load = new Load(() -> connect(export), 3);
            load.awaitRequests(20);
            delete(export);
            load.end();
        }
    }

    // Options

    @Test
    final void unknownOptionIsRefusedByName() throws Exception {
        node("n");
        Map<String, Object> options = with(all("x", "n"), "no-such-option", "1");
        assertRefused("no-such-option", () -> runtime().exports().add(options));
        assertTrue(runtime().exports().list().isEmpty(), "nothing half made");
    }

    @Test
    final void everyOptionRefusesWhatIsNoValueOfIt() throws Exception {
        node("n");
        for (var option : runtime().drivers().options(io.diskport.api.manage.Kind.EXPORT, type())) {
            Map<String, Object> options =
                    with(all("x", "n"), option.name(), Map.of("no", Map.of("such", "value")));
            assertRefused("", () -> runtime().exports().add(options));
        }
        assertTrue(runtime().exports().list().isEmpty(), "nothing half made");
    }

    // Requests

    @Test
    final void whatIsWrittenIsOnTheNode() throws Exception {
        assumeTrue(writes(), "clients cannot write");
        TestNode node = node("n");
        ExportEntry export = add("n");
        byte[] data = pattern(70_000, 5);
        try (ExportClient client = connect(export)) {
            client.write(4095, data);
            client.flush();
            assertArrayEquals(data, Arrays.copyOfRange(node.content(), 4095, 4095 + data.length));
            assertTrue(node.flushes() > 0, "the flush reached the node");
            assertArrayEquals(data, client.read(4095, data.length));
        }
    }

    @Test
    final void whatIsToBeOnStableStorageReachesTheNodeAsSuch() throws Exception {
        assumeTrue(writes(), "clients cannot write");
        TestNode node = node("n");
        try (ExportClient client = connect(add("n"))) {
            optional(() -> client.writeThrough(512, pattern(512, 1)));
            assertTrue(node.forced() + node.flushes() > 0, "FUA, or a flush");
        }
    }

    @Test
    final void discardsReachTheNode() throws Exception {
        assumeTrue(writes(), "clients cannot write");
        TestNode node = node("n");
        try (ExportClient client = connect(add("n"))) {
            optional(() -> client.discard(65536, 131072));
            Await.until("the discard", () -> node.discards() + node.zeroes() > 0);
        }
    }

    @Test
    final void zeroesReachTheNode() throws Exception {
        assumeTrue(writes(), "clients cannot write");
        TestNode node = node("n");
        try (ExportClient client = connect(add("n"))) {
            optional(() -> client.writeZeroes(1000, 10_000));
            client.flush();
            assertArrayEquals(new byte[10_000], Arrays.copyOfRange(node.content(), 1000, 11_000));
        }
    }

    private interface Request {
        void run() throws IOException;
    }

    private static void optional(Request request) throws IOException {
        try {
            request.run();
        } catch (UnsupportedOperationException e) {
            Assumptions.abort("clients of this type have no such request");
        }
    }

    @Test
    final void readOnlyExportIsNotWritten() throws Exception {
        TestNode node = node("n");
        byte[] before = node.content();
        ExportEntry export = runtime().exports().add(with(all("x", "n"), "writable", false));
        try (ExportClient client = connect(export)) {
            assertThrows(Exception.class, () -> writeAndFlush(client));
        }
        assertArrayEquals(before, node.content());
    }

    private static void writeAndFlush(ExportClient client) throws IOException {
        client.write(0, new byte[512]);
        client.flush();
    }

    @Test
    final void nothingIsReadBeyondTheEnd() throws Exception {
        node("n");
        try (ExportClient client = connect(add("n"))) {
            assertThrows(Exception.class, () -> client.read(LENGTH, 512));
            assertThrows(Exception.class, () -> client.read(LENGTH - 100, 512));
        }
    }

    @Test
    final void errorsOfTheNodeReachTheClient() throws Exception {
        assumeTrue(readsTheNode(), "requests do not reach the node");
        TestNode node = node("n");
        ExportEntry export = add("n");
        try (ExportClient client = connect(export)) {
            node.fail(Errno.EIO);
            assertThrows(Exception.class, () -> client.read(512 << 10, 4096));
            node.fail(null);
        }
        try (ExportClient client = connect(export)) {
            assertArrayEquals(
                    Arrays.copyOfRange(node.content(), 512 << 10, (512 << 10) + 4096),
                    client.read(512 << 10, 4096));
        }
    }

    // Replacement

    @Test
    final void waitsWhileItsDriverIsGone() throws Exception {
        node("n");
        ExportEntry export = add("n");
        runtime().driver().stop();
        runtime().awaitExport(export.id(), EntryState.WAITING);
        runtime().driver().start();
        runtime().awaitExport(export.id(), EntryState.RUNNING);
        try (ExportClient client = reconnect(export.id())) {
            client.read(0, 4096);
        }
    }

    @Test
    final void updatesLeaveNothingBehind() throws Throwable {
        node("n");
        String id = add("n").id();
        assertUpdatesLeaveNothing(
                () -> {
                    runtime().awaitExport(id, EntryState.RUNNING);
                    try (ExportClient client = reconnect(id)) {
                        client.read(0, 4096);
                    }
                });
    }

    @Test
    final void clientsLiveThroughUpdatesUnderLoad() throws Exception {
        assumeTrue(keepsClients(), "clients have to connect anew when this driver is replaced");
        node("n");
        ExportEntry export = add("n");
        Load load = new Load(() -> connect(export), 3);
        for (int i = 0; i < 5; i++) {
            load.awaitRequests(20);
            runtime().update();
            runtime().awaitExport(export.id(), EntryState.RUNNING);
        }
        load.awaitRequests(20);
        load.endWithoutError();
    }

    private ExportClient reconnect(String id) throws Exception {
        ThrowingSupplier<ExportClient> connect =
                () -> connect(runtime().exports().find(id).orElseThrow());
        ExportClient[] client = new ExportClient[1];
        Await.until(
                "a client connects to export " + id,
                () -> {
                    try {
                        client[0] = connect.get();
                        return true;
                    } catch (IOException e) {
                        return false;
                    } catch (Throwable e) {
                        throw new AssertionError(e);
                    }
                });
        return client[0];
    }
}
