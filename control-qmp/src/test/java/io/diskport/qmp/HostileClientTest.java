package io.diskport.qmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that flood, lie, or do not read: nobody else is to notice. */
@Timeout(120)
class HostileClientTest {
    private static final String QUERY = "{'execute':'query-commands'}";

    private final Bench bench = new Bench();

    @TempDir private Path folder;

    @AfterEach
    void close() throws Exception {
        bench.close();
    }

    private Peer client(String name) throws Exception {
        bench.listen(name, folder.resolve(name));
        return bench.client(folder.resolve(name));
    }

    private static void awaitStuck(Peer flooding, String text) throws Exception {
        long quiet = 0;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (quiet < 20) {
            assertTrue(System.nanoTime() < deadline, "no more is taken from who does not read");
            quiet = flooding.trySend(text) == 0 ? quiet + 1 : 0;
            if (quiet > 0) {
                Thread.sleep(10);
            }
        }
    }

    @Test
    void whoDoesNotReadItsAnswersIsNotListenedTo_andOthersAreServed() throws Exception {
        Peer flooding = client("flood");
        Peer other = client("other");
        awaitStuck(flooding, QUERY.repeat(100));

        assertTrue(other.ask(QUERY).startsWith("{\"return"));
        bench.exports.add(Map.of("type", "nbd", "id", "e", "node-name", "f"));
        assertTrue(
                other.ask("{'execute':'block-export-del','arguments':{'id':'e'}}")
                        .contains("BLOCK_EXPORT_DELETED"));
    }

    @Test
    void whoReadsAgainGetsEveryAnswer() throws Exception {
        Peer peer = client("m");
        int sent = 0;
        for (int i = 0; i < 400; i++) {
            peer.trySend("");
            peer.send("{'execute':'query-version','id':" + i + "}");
            sent++;
        }
        for (int i = 0; i < sent; i++) {
            assertTrue(peer.line().endsWith("\"id\": " + i + "}"));
        }
    }

    @Test
    void whoDoesNotReadItsEventsIsDropped_andTheNextIsServed() throws Exception {
        Peer deaf = client("m");
        bench.exports.add(Map.of("type", "nbd", "id", "e", "node-name", "f"));
        var export = bench.exports.find("e").orElseThrow();
        // What the socket and the queue hold, at some 100 bytes an event.
        int events = 4 * Outbox.MOST_EVENT_BYTES / 100;
        for (int i = 0; i < events; i++) {
            bench.exports.tell(export, false);
            bench.exports.tell(export, true);
        }

        Peer next = bench.connect(folder.resolve("m"));
        assertTrue(next.line().contains("QMP"));
        String last = "";
        for (String line = deaf.line(); !line.equals("EOF"); line = deaf.line()) {
            last = line;
        }
        assertTrue(last.contains("BLOCK_EXPORT_DELETED"), last);
    }

    @Test
    void aRequestWithoutEndIsRefused() throws Exception {
        Peer lying = client("m");
        String piece = "x".repeat(1 << 20);
        lying.send("{'execute':'");
        for (int i = 0; i < 6; i++) {
            lying.send(piece);
        }

        assertTrue(lying.line().contains("JSON token size limit exceeded"));
        lying.send("\n" + QUERY);
        assertTrue(lying.line().contains("query-version"));
    }

    @Test
    void deepNestingIsRefused_andEchoedWhereItIsPermitted() throws Exception {
        Peer peer = client("m");
        String deep = "[".repeat(1020) + "]".repeat(1020);

        assertTrue(peer.ask("{'execute':'query-version','id':" + deep + "}").contains(deep));
        peer.send("[".repeat(100_000) + (char) 1);
        assertTrue(peer.line().contains("JSON nesting depth limit exceeded"));
    }

    @Test
    void whoGoesInTheMiddleIsForgotten() throws Exception {
        bench.listen("m", folder.resolve("m"));
        for (int i = 0; i < 50; i++) {
            Peer peer = bench.connect(folder.resolve("m"));
            peer.trySend(QUERY.repeat(i) + "{'execute'");
            peer.close();
        }
        Peer peer = bench.client(folder.resolve("m"));
        assertEquals("{\"return\": []}", peer.ask("{'execute':'query-block'}"));
    }
}
