package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The monitors of either daemon, where one session alone does not show it. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class QsdMonitorsTest extends QsdSessions {
    @ParameterizedTest
    @EnumSource
    void twoMonitorsSeeTheSameAndBothHearOfEvents(StorageDaemon daemon) throws Exception {
        Path other = folder.resolve("other-monitor");
        Process process =
                start(
                        daemon,
                        exporting("e"),
                        "--chardev",
                        listening("a", socket),
                        "--monitor",
                        "a",
                        "--chardev",
                        listening("b", other),
                        "--monitor",
                        "chardev=b");
        QmpClient first = bench.closing(QmpClient.connect(socket)).ready();
        QmpClient second = bench.closing(QmpClient.connect(other)).ready();
        assertEquals(
                List.of(
                        "{\"return\": [{\"node-name\": \"n\", \"shutting-down\": false,"
                                + " \"type\": \"nbd\", \"id\": \"e\"}]}"),
                second.ask("{'execute':'query-block-exports'}"));
        List<String> said = first.ask("{'execute':'block-export-del','arguments':{'id':'e'}}");
        assertEquals(2, said.size(), said::toString);
        assertTrue(isDeletion(said.get(0)), said::toString);
        assertTrue(isDeletion(second.line()));
        assertEquals(List.of(NONE), second.ask("{'execute':'query-block-exports'}"));
        assertEquals(List.of(NOTHING), second.ask("{'execute':'quit'}"));
        assertEquals(0, exit(process));
        assertEquals(QmpClient.END, first.line());
        assertEquals(QmpClient.END, second.line());
    }

    @ParameterizedTest
    @EnumSource
    void aMonitorIsForItsOwnerAndForOneClientAfterTheOther(StorageDaemon daemon) throws Exception {
        start(daemon, "--chardev", listening("a", socket), "--monitor", "a");
        for (int i = 0; i < 3; i++) {
            try (QmpClient client = QmpClient.connect(socket).ready()) {
                assertEquals(List.of(NONE), client.ask("{'execute':'query-block-exports'}"));
            }
        }
        if (daemon == StorageDaemon.DISKPORT) {
            // QEMU leaves that to the umask.
            assertEquals(
                    PosixFilePermissions.fromString("rw-------"),
                    Files.getPosixFilePermissions(socket));
        }
        requestsInOnePacketAndOverSeveralLinesAreAnsweredInOrder();
    }

    private void requestsInOnePacketAndOverSeveralLinesAreAnsweredInOrder() {
        QmpClient client = bench.closing(QmpClient.connect(socket)).ready();
        client.send(
                "{'execute':'query-block-exports','id':1}{'execute':\n'query-block-exports',\n\n"
                        + "'id':2} {\"execute\":\"query-block-exports\",\"id\":\"3\"}");
        for (String id : List.of("1", "2", "\"3\"")) {
            assertEquals("{\"return\": [], \"id\": " + id + "}", client.line());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMonitorConnectsWhereItDoesNotListen(StorageDaemon daemon) throws Exception {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            Process process =
                    start(daemon, "--chardev", "socket,id=a,path=" + socket, "--monitor", "a");
            QmpClient client = bench.closing(QmpClient.of(server.accept())).ready();
            assertEquals(List.of(NOTHING), client.ask("{'execute':'quit'}"));
            assertEquals(0, exit(process));
        }
    }

    /**
     * The later step waits for a server that says nothing, until that goes. QEMU greets meanwhile,
     * and does not answer.
     */
    @ParameterizedTest
    @EnumSource
    void aMonitorAnswersNothingBeforeTheLastStepIsDone(StorageDaemon daemon) throws Exception {
        Path silent = folder.resolve("silent");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(silent));
            Process process =
                    start(
                            daemon,
                            "--chardev",
                            listening("a", socket),
                            "--monitor",
                            "a",
                            "--blockdev",
                            "nbd,node-name=n,server.type=unix,server.path=" + silent);
            QmpClient client;
            try (SocketChannel held = server.accept()) {
                client = bench.closing(QmpClient.connect(socket));
                client.send("{'execute':'qmp_capabilities'}");
                assertTrue(held.isOpen());
            }
            assertEquals(1, exit(process), this::said);
            String greeting = daemon == StorageDaemon.QEMU ? client.line() : "";
            assertFalse(greeting.contains("return"), greeting);
            assertEquals(QmpClient.END, client.line());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMonitorThatFloodsAndReadsNothingHoldsUpNobody(StorageDaemon daemon) throws Exception {
        Path other = folder.resolve("other-monitor");
        Process process =
                start(
                        daemon,
                        "--chardev",
                        listening("a", socket),
                        "--monitor",
                        "a",
                        "--chardev",
                        listening("b", other),
                        "--monitor",
                        "b");
        try (SocketChannel channel =
                SocketChannel.open(UnixDomainSocketAddress.of(await(socket)))) {
            channel.configureBlocking(false);
            ByteBuffer flood =
                    ByteBuffer.wrap(
                            ("{'execute':'qmp_capabilities'}"
                                            + "{'execute':'query-qmp-schema'}".repeat(500))
                                    .getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < 100 && flood.hasRemaining(); i++) {
                channel.write(flood);
            }
            QmpClient client = bench.closing(QmpClient.connect(other)).ready();
            for (int i = 0; i < 20; i++) {
                assertEquals(List.of(NONE), client.ask("{'execute':'query-block-exports'}"));
            }
            assertEquals(List.of(NOTHING), client.ask("{'execute':'quit'}"));
            assertEquals(0, exit(process));
        }
    }
}
