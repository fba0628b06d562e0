package io.diskport.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.Entry;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.ExportEntry;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.Manager;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** What the tests of export drivers need of the driver: exports of nodes, and clients of them. */
abstract class ExportTests extends LifeAndOptionTests {
    static final int LENGTH = 1 << 20;

    private static final String NODE = "n";

    private final AtomicInteger number = new AtomicInteger();

    /**
     * The driver's own options of an export, beside those that all exports have.
     *
     * @param id the export's id, unlike that of any other of this test
     */
    protected abstract Map<String, Object> options(String id) throws Exception;

    /** Connects a client to an export that runs. */
    protected abstract ExportClient connect(ExportEntry export) throws IOException;

    /** Whether clients can write. */
    protected boolean writes() {
        return true;
    }

    /**
     * Whether the export's node is read when a client reads, and not a copy that was made before.
     */
    protected boolean readsTheNode() {
        return true;
    }

    @Override
    final Kind kind() {
        return Kind.EXPORT;
    }

    @Override
    final Manager<? extends Entry> manager() {
        return runtime().exports();
    }

    /** The options of an export of a node, which is there from then on. */
    @Override
    final synchronized Map<String, Object> all(String id) throws Exception {
        if (runtime().nodes().find(NODE).isEmpty()) {
            node(NODE);
        }
        return all(id, NODE);
    }

    @Override
    final void use(String id) throws IOException {
        try (ExportClient client = connect(runtime().exports().find(id).orElseThrow())) {
            client.read(0, 512);
        }
    }

    @Override
    final void delete(String id) throws BlockException {
        runtime().exports().delete(id, ShutdownMode.HARD);
    }

    final TestNode node(String name) {
        TestNode node = runtime().node(name, LENGTH);
        node.fill(pattern(LENGTH, name.hashCode()));
        return node;
    }

    static byte[] pattern(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private Map<String, Object> all(String id, String node) throws Exception {
        Map<String, Object> options = new HashMap<>(options(id));
        options.put("type", type());
        options.put("id", id);
        options.put("node-name", node);
        options.put("writable", writes());
        return options;
    }

    final ExportEntry add(String node) throws Exception {
        String id = "e" + number.incrementAndGet();
        ExportEntry added = runtime().exports().add(all(id, node));
        assertEquals(EntryState.RUNNING, added.state());
        return added;
    }

    /** A request of a client. */
    interface Request {
        void run() throws IOException;
    }

    /** In whichever way the clients of this type say so; and soon, since nobody waits for ever. */
    static void assertFails(String what, Request request) {
        CompletableFuture<Boolean> failed = new CompletableFuture<>();
        Thread client =
                new Thread(
                        () -> {
                            try {
                                request.run();
                                failed.complete(false);
                            } catch (IOException | RuntimeException e) {
                                failed.complete(true);
                            }
                        },
                        "client");
        client.setDaemon(true);
        client.start();
        Await.until(what + " has to fail, and is not answered", failed::isDone);
        assertTrue(failed.join(), what + " has to fail");
    }
}
