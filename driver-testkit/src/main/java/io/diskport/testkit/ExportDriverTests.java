package io.diskport.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.ExportEntry;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.ThrowingSupplier;

/**
 * What every export driver has to do right. Extend it, say how an export of the type is made and
 * how a client reads and writes it, and run it in the integration-test phase, once the bundle is
 * built.
 */
public abstract class ExportDriverTests extends ExportRequestTests {
    /** So many that the driver has heard of the end meanwhile. */
    private static final int HIDDEN_READS = 500;

    /** Whether clients stay connected while the driver's bundle is replaced. */
    protected boolean keepsClients() {
        return false;
    }

    /** Whether a connected client is registered, so that a safe deletion is refused. */
    protected boolean registersClients() {
        return true;
    }

    // Life

    @Test
    final void hasAnAddress() throws Exception {
        node("n");
        ExportEntry export = add("n");
        assertFalse(export.info().address().isEmpty(), "it says where clients find it");
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
                        "export " + i + " serves its own node");
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
                "the client that has left is forgotten",
                () -> runtime().exports().find(export.id()).orElseThrow().clients().isEmpty());
        runtime().exports().delete(export.id(), ShutdownMode.SAFE);
    }

    @Test
    final void servesWhoIsThereWhenItIsHidden() throws Exception {
        assumeTrue(registersClients(), "clients are not registered");
        TestNode node = node("n");
        ExportEntry export = add("n");
        try (ExportClient client = connect(export)) {
            client.read(0, 512);
            runtime().exports().delete(export.id(), ShutdownMode.HIDE);
            runtime().awaitExport(export.id(), EntryState.SHUTTING_DOWN);
            for (int i = 0; i < HIDDEN_READS; i++) {
                int offset = i % 256 * 4096;
                assertArrayEquals(
                        Arrays.copyOfRange(node.content(), offset, offset + 4096),
                        client.read(offset, 4096),
                        "what a client reads that was there before");
            }
        }
        Await.until(
                "a hidden export ends when its last client has left",
                () -> runtime().exports().find(export.id()).isEmpty());
    }

    @Test
    final void whoIsThereWhenItEndsGetsAnError() throws Exception {
        node("n");
        ExportEntry export = add("n");
        ExportClient client = connect(export);
        client.read(0, 512);
        delete(export.id());
        assertTrue(runtime().exports().list().isEmpty(), "it is gone");
        assertFails("a read of an export that has ended", () -> client.read(768 << 10, 4096));
        try {
            client.close();
        } catch (IOException e) {
            // There is nothing left to say goodbye to.
            assertNotEquals("", e.toString());
        }
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
        delete(export.id());
        assertTrue(System.nanoTime() - begun < 10_000_000_000L, "it ends within 10 s");
        node.release();
        reader.join(Await.patience().toMillis());
        assertFalse(reader.isAlive(), "the client was left waiting");
    }

    @Test
    final void endsUnderLoad() throws Exception {
        TestNode node = node("n");
        for (int round = 0; round < 1 + UPDATES / 10; round++) {
            ExportEntry export = add("n");
            Load load = new Load(() -> connect(export), node.content(), writes());
            load.awaitRequests(20);
            delete(export.id());
            load.end();
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
        TestNode node = node("n");
        ExportEntry export = add("n");
        Load load = new Load(() -> connect(export), node.content(), writes());
        for (int i = 0; i < 5; i++) {
            load.awaitRequests(20);
            replace(i);
            runtime().awaitExport(export.id(), EntryState.RUNNING);
        }
        load.awaitRequests(20);
        load.endWithoutError(node);
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
