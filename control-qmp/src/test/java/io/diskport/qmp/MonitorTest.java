package io.diskport.qmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Monitors over real sockets, with a daemon of fakes. */
@Timeout(60)
class MonitorTest {
    private static final String GREETING =
            "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 3, \"minor\": 2, \"major\": 1},"
                    + " \"package\": \"Diskport 1.2.3\"}, \"capabilities\": []}}";
    private static final String VERSION =
            "{\"return\": {\"qemu\": {\"micro\": 3, \"minor\": 2, \"major\": 1},"
                    + " \"package\": \"Diskport 1.2.3\"}}";
    private static final String NOTHING = "{\"return\": {}}";
    private static final long QUIET = TimeUnit.MILLISECONDS.toNanos(200);

    private final Bench bench = new Bench();

    @TempDir private Path folder;

    @AfterEach
    void close() throws Exception {
        bench.close();
    }

    private Path socket(String name) {
        return folder.resolve(name);
    }

    private Peer client() throws Exception {
        bench.listen("mon", socket("m"));
        return bench.client(socket("m"));
    }

    private static String error(String errorClass, String text) {
        return "{\"error\": {\"class\": \"" + errorClass + "\", \"desc\": \"" + text + "\"}}";
    }

    private static String generic(String text) {
        return error("GenericError", text);
    }

    @Test
    void beforeTheNegotiationNothingElseIsKnown_andAfterItNotThat() throws Exception {
        bench.listen("mon", socket("m"));
        Peer peer = bench.connect(socket("m"));

        assertEquals(GREETING, peer.line());
        assertEquals(
                error(
                        "CommandNotFound",
                        "Expecting capabilities negotiation with 'qmp_capabilities'"),
                peer.ask("{'execute':'query-version'}"));
        assertEquals(
                generic("Parameter 'bla' is unexpected"),
                peer.ask("{'execute':'qmp_capabilities','arguments':{'bla':1}}"));
        assertEquals(
                generic("Invalid parameter type for 'enable', expected: array"),
                peer.ask("{'execute':'qmp_capabilities','arguments':{'enable':'oob'}}"));
        assertTrue(
                peer.ask("{'execute':'qmp_capabilities','arguments':{'enable':['oob']}}")
                        .contains("oob not available"));
        assertEquals(NOTHING, peer.ask("{'execute':'qmp_capabilities','arguments':{'enable':[]}}"));
        assertEquals(
                error(
                        "CommandNotFound",
                        "Capabilities negotiation is already complete, command ignored"),
                peer.ask("{'execute':'qmp_capabilities'}"));
    }

    @Test
    void theIdComesBack_inAnswersAndInErrors() throws Exception {
        Peer peer = client();

        assertEquals(
                VERSION.replace("}}", "}, \"id\": {\"a\": [1, null]}}"),
                peer.ask("{'execute':'query-version','id':{'a':[1,null]}}"));
        assertEquals(
                "{\"id\": \"x\", \"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The"
                        + " command nope has not been found\"}}",
                peer.ask("{'execute':'nope','id':'x'}"));
        assertEquals(
                "{\"id\": 1, \"error\": {\"class\": \"GenericError\", \"desc\": \"QMP input lacks"
                        + " member 'execute'\"}}",
                peer.ask("{'id':1}"));
    }

    @Test
    void whatIsNoRequestIsRefused() throws Exception {
        Peer peer = client();

        assertEquals(generic("QMP input must be a JSON object"), peer.ask("[]"));
        assertEquals(generic("QMP input member 'exec' is unexpected"), peer.ask("{'exec':'quit'}"));
        assertEquals(
                generic("QMP input member 'exec-oob' is unexpected"),
                peer.ask("{'exec-oob':'quit'}"));
        assertEquals(
                generic("QMP input member 'execute' must be a string"), peer.ask("{'execute':1}"));
        assertEquals(
                generic("QMP input member 'arguments' must be an object"),
                peer.ask("{'execute':'query-version','arguments':[]}"));
        assertEquals(
                generic("Parameter 'a' is unexpected"),
                peer.ask("{'execute':'query-version','arguments':{'a':1}}"));
        assertEquals(generic("JSON parse error, invalid keyword 'nonsense'"), peer.ask("nonsense"));
    }

    @Test
    void severalRequestsMayComeInOnePiece() throws Exception {
        Peer peer = client();

        peer.send("{'execute':'query-version'}{'execute':\n'query-version'} {'execute':");
        assertEquals(VERSION, peer.line());
        assertEquals(VERSION, peer.line());
        assertEquals("", peer.poll(QUIET));
        assertEquals(VERSION, peer.ask("'query-version'}"));
    }

    @Test
    void prettyIsOnManyLines() throws Exception {
        bench.monitor("mon", ListeningClients.at(new MonitorAddress.Unix(socket("m"))), true);
        Peer peer = bench.connect(socket("m"));

        assertEquals("{", peer.line());
        assertEquals("    \"QMP\": {", peer.line());
    }

    @Test
    void aSocketIsForItsUserOnly_andGoneAtTheEnd() throws Exception {
        QmpMonitor monitor = bench.listen("mon", socket("m"));

        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(socket("m"))));
        assertEquals(Map.of("address", socket("m").toString(), "client", "none"), monitor.info());
        monitor.close();
        assertFalse(Files.exists(socket("m")));
    }

    @Test
    void aSocketThatADeadDaemonLeftIsReplaced_butNotOneThatIsListenedOn() throws Exception {
        try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(socket("m")));
            assertThrows(BlockException.class, () -> bench.listen("mon", socket("m")));
        }
        Peer peer = client();
        assertEquals(VERSION, peer.ask("{'execute':'query-version'}"));
    }

    @Test
    void aMonitorIsNotForOtherHosts() {
        BlockException refused =
                assertThrows(
                        BlockException.class,
                        () -> Sockets.listen(new MonitorAddress.Inet("0.0.0.0", 0)));
        assertTrue(refused.getMessage().contains("127.0.0.1"), refused.getMessage());
    }

    @Test
    void tcpOnLoopbackIsListenedOn() throws Exception {
        ListeningClients clients = ListeningClients.at(new MonitorAddress.Inet("127.0.0.1", 0));
        bench.monitor("mon", clients, false);
        String address = clients.info().get("address");
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));

        try (Peer peer = new Peer(Sockets.connect(new MonitorAddress.Inet("localhost", port)))) {
            assertEquals(GREETING, peer.line());
        }
    }

    @Test
    void oneClientIsServedAtATime_andTheNextWhenItHasGone() throws Exception {
        Peer first = client();
        Peer second = bench.connect(socket("m"));

        assertEquals("", second.poll(QUIET));
        first.close();
        assertEquals(GREETING, second.line());
        assertTrue(second.ask("{'execute':'query-version'}").contains("Expecting"));
    }

    @Test
    void whoShutsItsEndStillGetsItsAnswers() throws Exception {
        Peer peer = client();
        peer.send("{'execute':'query-version'}{'execute':'query-version'}");
        peer.shutdownOutput();

        assertEquals(VERSION, peer.line());
        assertEquals(VERSION, peer.line());
        assertEquals("EOF", peer.line());
    }

    @Test
    void aMonitorConnectsIfItIsTold_once() throws Exception {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            MonitorAddress address = new MonitorAddress.Unix(socket("s"));
            assertThrows(BlockException.class, () -> Sockets.connect(address));
            server.bind(UnixDomainSocketAddress.of(socket("s")));
            QmpMonitor monitor =
                    bench.monitor("mon", new OneClient(Sockets.connect(address), "there"), false);
            try (Peer peer = new Peer(server.accept())) {
                assertEquals(GREETING, peer.line());
                assertEquals(NOTHING, peer.ask("{'execute':'qmp_capabilities'}"));
            }
            server.configureBlocking(false);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (!"none".equals(monitor.info().get("client"))) {
                assertTrue(System.nanoTime() < deadline, "the client is gone");
                Thread.sleep(5);
            }
            assertEquals(null, server.accept());
        }
    }

    @Test
    void standardStreamsAreAClient() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StandardStreams streams =
                new StandardStreams(
                        new ByteArrayInputStream(
                                "{'execute':'qmp_capabilities'}{'execute':'query-version'}"
                                        .getBytes()),
                        out);
        Session session =
                new Session(
                        "mon",
                        streams,
                        false,
                        bench.engine.commands(),
                        bench.engine.events(),
                        System.getLogger("test"));
        session.run();

        assertEquals(GREETING + "\r\n" + NOTHING + "\r\n" + VERSION + "\r\n", out.toString());
    }

    @Test
    void allMonitorsHearOfAnEvent_onceTheirNegotiationIsOver() throws Exception {
        Peer one = client();
        bench.listen("other", socket("o"));
        Peer other = bench.client(socket("o"));
        bench.listen("third", socket("t"));
        Peer early = bench.connect(socket("t"));
        early.line();
        bench.nodes.add(Bench.file("f"));
        one.ask(
                "{'execute':'block-export-add','arguments':{'type':'nbd','id':'e','node-name':'f',"
                        + "'server':'s'}}");

        String event = one.ask("{'execute':'block-export-del','arguments':{'id':'e'}}");
        assertTrue(event.startsWith("{\"timestamp\": {\"seconds\": "), event);
        assertTrue(
                event.endsWith("\"event\": \"BLOCK_EXPORT_DELETED\", \"data\": {\"id\": \"e\"}}"),
                event);
        assertEquals(NOTHING, one.line());
        assertEquals(event, other.line());
        assertEquals("", early.poll(QUIET));
    }

    @Test
    void theAnswerOfHardDoesNotWaitForClients_andTheEventFollows() throws Exception {
        Peer peer = client();
        bench.nodes.add(Bench.file("f"));
        bench.exports.clients = true;
        bench.exports.add(Map.of("type", "nbd", "id", "e", "node-name", "f"));

        assertEquals(
                generic("export 'e' still in use"),
                peer.ask("{'execute':'block-export-del','arguments':{'id':'e'}}"));
        assertEquals(
                NOTHING,
                peer.ask("{'execute':'block-export-del','arguments':{'id':'e','mode':'hard'}}"));
        assertEquals(
                "{\"return\": [{\"node-name\": \"f\", \"shutting-down\": true, \"type\":"
                        + " \"nbd\", \"id\": \"e\"}]}",
                peer.ask("{'execute':'query-block-exports'}"));
        bench.exports.clientsGone.countDown();
        assertTrue(peer.line().contains("BLOCK_EXPORT_DELETED"));
    }

    @Test
    void ofAnExportThatCouldNotBeAddedThereIsNoEvent() throws Exception {
        Peer peer = client();
        assertThrows(
                BlockException.class,
                () -> bench.exports.add(Map.of("type", "nbd", "id", "e", "fails", true)));

        assertEquals("", peer.poll(QUIET));
    }

    @Test
    void quitEndsAllExportsBeforeItsAnswer_andThenTheConnections() throws Exception {
        Peer peer = client();
        bench.listen("other", socket("o"));
        Peer other = bench.client(socket("o"));
        bench.exports.add(Map.of("type", "nbd", "id", "a", "node-name", "f"));
        bench.exports.add(Map.of("type", "nbd", "id", "b", "node-name", "f"));

        assertTrue(peer.ask("{'execute':'quit','id':5}").contains("{\"id\": \"a\"}"));
        assertTrue(peer.line().contains("{\"id\": \"b\"}"));
        assertEquals("{\"return\": {}, \"id\": 5}", peer.line());
        assertEquals("EOF", peer.line());
        assertTrue(other.line().contains("BLOCK_EXPORT_DELETED"));
        assertTrue(other.line().contains("BLOCK_EXPORT_DELETED"));
        assertEquals("EOF", other.line());
        assertTrue(bench.isEnding());
    }

    /** The fakes end in the order of their ids. */
    @Test
    void eventsOfAnEndComeInTheOrderOfTheExports() throws Exception {
        Peer peer = client();
        for (String id : List.of("c", "a", "b")) {
            bench.exports.add(Map.of("type", "nbd", "id", id, "node-name", "f"));
        }
        assertTrue(peer.ask("{'execute':'quit'}").contains("{\"id\": \"c\"}"));
        assertTrue(peer.line().contains("{\"id\": \"a\"}"));
        assertTrue(peer.line().contains("{\"id\": \"b\"}"));
        assertEquals("{\"return\": {}}", peer.line());
    }

    @Test
    void theMonitorOneUsesIsNotDeletedThroughIt() throws Exception {
        Peer peer = client();
        bench.objects.add(Map.of("qom-type", "qmp-monitor", "id", "mon"));

        assertTrue(
                peer.ask("{'execute':'object-del','arguments':{'id':'mon'}}")
                        .contains("is in use, can not be deleted"));
    }

    @Test
    void aMonitorThatIsDeletedDropsItsClient() throws Exception {
        QmpMonitor monitor = bench.listen("mon", socket("m"));
        Peer peer = bench.client(socket("m"));

        monitor.close();
        assertEquals("EOF", peer.line());
    }
}
