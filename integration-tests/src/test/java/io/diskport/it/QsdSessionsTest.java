package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What one session alone does not show: the same with Diskport and with QEMU's storage daemon. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class QsdSessionsTest {
    private static final String NOTHING = "{\"return\": {}}";
    private static final String NONE = "{\"return\": []}";
    private static final String NODE = "null-co,node-name=n,size=65536";
    private static final int TERMINATED = 128 + 15;

    @RegisterExtension private final Bench bench = new Bench();

    private Path folder;
    private Path socket;
    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void folders() throws IOException {
        folder = Files.createDirectory(bench.socket("session"));
        socket = folder.resolve("monitor");
    }

    @AfterEach
    void endAll() {
        started.forEach(Process::destroyForcibly);
    }

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
    void aMonitorIsForOneClientAfterTheOther(StorageDaemon daemon) throws Exception {
        start(daemon, "--chardev", listening("a", socket), "--monitor", "a");
        for (int i = 0; i < 3; i++) {
            try (QmpClient client = QmpClient.connect(socket).ready()) {
                assertEquals(List.of(NONE), client.ask("{'execute':'query-block-exports'}"));
            }
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
    void requestsInOnePacketAndOverSeveralLinesAreAnsweredInOrder(StorageDaemon daemon)
            throws Exception {
        start(daemon, "--chardev", listening("a", socket), "--monitor", "a");
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

    @ParameterizedTest
    @EnumSource
    void thePidfileIsThatOfTheProcessAndGoesWithIt(StorageDaemon daemon) throws Exception {
        Path pidfile = folder.resolve("pid");
        Path nbd = folder.resolve("nbd");
        Process process = start(daemon, "--pidfile", pidfile.toString(), exporting("e"));
        Await.until(
                "the pidfile is there", Daemon.START, () -> Daemon.read(pidfile).endsWith("\n"));
        assertEquals(Long.toString(process.pid()), Files.readString(pidfile).strip());
        assertTrue(Files.exists(nbd), "what was asked for is there before the pidfile");
        process.destroy();
        assertTrue(process.waitFor(Daemon.END.toSeconds(), TimeUnit.SECONDS));
        assertTrue(
                List.of(0, TERMINATED).contains(process.exitValue()),
                () -> "exit status " + process.exitValue());
        assertFalse(Files.exists(pidfile), "the pidfile is gone");
    }

    @ParameterizedTest
    @EnumSource
    void daemonizeReturnsWhenEverythingIsThere(StorageDaemon daemon) throws Exception {
        Path pidfile = folder.resolve("pid");
        Path nbd = folder.resolve("nbd");
        Process process =
                start(
                        daemon,
                        "--daemonize",
                        "--pidfile",
                        pidfile.toString(),
                        exporting("e"),
                        "--chardev",
                        listening("a", socket),
                        "--monitor",
                        "a");
        assertEquals(0, exit(process), () -> said());
        assertTrue(Files.exists(nbd), "the NBD server listens");
        long pid = Long.parseLong(Files.readString(pidfile).strip());
        ProcessHandle behind = ProcessHandle.of(pid).orElseThrow();
        try (QmpClient client = QmpClient.connect(socket).ready()) {
            List<String> quit = client.ask("{'execute':'quit'}");
            assertTrue(isDeletion(quit.get(0)), quit::toString);
            assertEquals(NOTHING, quit.get(1));
            Await.until("has ended", Daemon.END, () -> !behind.isAlive());
        } finally {
            behind.destroyForcibly();
        }
    }

    @ParameterizedTest
    @EnumSource
    void daemonizeFailsWithTheReasonWhereItCannot(StorageDaemon daemon) throws Exception {
        Path pidfile = folder.resolve("pid");
        Process process =
                start(
                        daemon,
                        "--daemonize",
                        "--pidfile",
                        pidfile.toString(),
                        "--blockdev",
                        "file,node-name=n,filename=/nowhere/x");
        assertEquals(1, exit(process));
        assertTrue(
                said().startsWith(
                                daemon.program()
                                        + ": --blockdev file,node-name=n,filename=/nowhere/x: Could not"
                                        + " open '/nowhere/x': No such file or directory"),
                this::said);
        assertFalse(Files.exists(pidfile));
    }

    @ParameterizedTest
    @EnumSource
    void anExportWithAClientIsDeletedHardOnly(StorageDaemon daemon) throws Exception {
        NbdTools.need();
        start(daemon, exporting("e"), "--chardev", listening("m", socket), "--monitor", "m");
        QmpClient monitor = bench.closing(QmpClient.connect(socket)).ready();
        Client user =
                bench.client(NbdTools.client("hold.py", NbdTools.uri(folder.resolve("nbd"), "e")));
        user.awaitOutput("connected", Daemon.START);
        List<String> refused = monitor.ask("{'execute':'block-export-del','arguments':{'id':'e'}}");
        assertTrue(
                refused.get(0)
                        .startsWith(
                                "{\"error\": {\"class\": \"GenericError\","
                                        + " \"desc\": \"export 'e' still in use"),
                refused::toString);
        assertTrue(
                monitor.ask("{'execute':'query-block-exports'}")
                        .get(0)
                        .contains("\"shutting-down\": false"));
        assertEquals(
                List.of(NOTHING),
                monitor.ask("{'execute':'block-export-del','arguments':{'id':'e','mode':'hard'}}"));
        assertTrue(isDeletion(monitor.line()));
        assertEquals(List.of(NONE), monitor.ask("{'execute':'query-block-exports'}"));
    }

    /** On SIGTERM, where nobody is answered, and both monitors hear of everything. */
    @ParameterizedTest
    @EnumSource
    void eventsOfSeveralExportsComeInTheOrderOfTheExports(StorageDaemon daemon) throws Exception {
        Path other = folder.resolve("other-monitor");
        Process process =
                start(
                        daemon,
                        exporting("c", "a", "d", "b"),
                        "--chardev",
                        listening("m", socket),
                        "--monitor",
                        "m",
                        "--chardev",
                        listening("o", other),
                        "--monitor",
                        "o");
        List<QmpClient> clients =
                List.of(
                        bench.closing(QmpClient.connect(socket)).ready(),
                        bench.closing(QmpClient.connect(other)).ready());
        process.destroy();
        for (QmpClient client : clients) {
            for (String id : List.of("c", "a", "d", "b")) {
                String event = client.line();
                assertTrue(isDeletion(event) && event.contains("\"id\": \"" + id + "\""), event);
            }
            assertEquals(QmpClient.END, client.line());
        }
        assertEquals(0, exit(process));
    }

    @ParameterizedTest
    @EnumSource
    void theMonitorsSocketIsForItsOwnerOnly(StorageDaemon daemon) throws Exception {
        start(daemon, "--chardev", listening("a", socket), "--monitor", "a");
        QmpClient.connect(socket).ready().close();
        if (daemon == StorageDaemon.DISKPORT) {
            // QEMU leaves that to the umask.
            assertEquals(
                    PosixFilePermissions.fromString("rw-------"),
                    Files.getPosixFilePermissions(socket));
        }
    }

    private static Path await(Path socket) {
        Await.until(socket + " is there", Daemon.START, () -> Files.exists(socket));
        return socket;
    }

    private static String listening(String id, Path socket) {
        return "socket,id=" + id + ",path=" + socket + ",server=on,wait=off";
    }

    /** What offers a node by NBD, in exports of these ids and names. */
    private List<String> exporting(String... ids) {
        List<String> arguments = new ArrayList<>(List.of("--blockdev", NODE));
        arguments.add("--nbd-server");
        arguments.add("addr.type=unix,addr.path=" + folder.resolve("nbd"));
        for (String id : ids) {
            arguments.add("--export");
            arguments.add("nbd,node-name=n,name=" + id + ",id=" + id);
        }
        return arguments;
    }

    private static boolean isDeletion(String line) {
        return line.contains("\"event\": \"BLOCK_EXPORT_DELETED\"");
    }

    private String said() {
        try {
            return StorageDaemon.said(folder);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /**
     * Starts it.
     *
     * @param arguments words, and lists of them
     */
    private Process start(StorageDaemon daemon, Object... arguments) throws IOException {
        daemon.need();
        List<String> words = new ArrayList<>();
        for (Object argument : arguments) {
            if (argument instanceof List<?> list) {
                list.forEach(word -> words.add((String) word));
            } else {
                words.add((String) argument);
            }
        }
        Process process = daemon.start(folder, words);
        started.add(process);
        return process;
    }

    private static int exit(Process process) throws InterruptedException {
        assertTrue(
                process.waitFor(Daemon.START.toSeconds(), TimeUnit.SECONDS), "has ended in time");
        return process.exitValue();
    }
}
