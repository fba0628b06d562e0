package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How either daemon, and what it serves, begins and ends. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class QsdLifeTest extends QsdSessions {
    /** On SIGTERM, where nobody is answered, and both monitors hear of everything. */
    @ParameterizedTest
    @EnumSource
    void thePidfileAndAllExportsGoWithTheProcessInTheirOrder(StorageDaemon daemon)
            throws Exception {
        Path other = folder.resolve("other-monitor");
        Path pidfile = folder.resolve("pid");
        Process process =
                start(
                        daemon,
                        "--pidfile",
                        pidfile.toString(),
                        exporting("c", "a", "d", "b"),
                        "--chardev",
                        listening("m", socket),
                        "--monitor",
                        "m",
                        "--chardev",
                        listening("o", other),
                        "--monitor",
                        "o");
        Await.until(
                "the pidfile is there", Daemon.START, () -> Daemon.read(pidfile).endsWith("\n"));
        assertEquals(Long.toString(process.pid()), Files.readString(pidfile).strip());
        assertTrue(
                Files.exists(folder.resolve("nbd")),
                "what was asked for is there before the pidfile");
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
        if (daemon == StorageDaemon.DISKPORT) {
            waitsForItsClients(monitor);
        }
        assertEquals(
                List.of(NOTHING),
                monitor.ask("{'execute':'block-export-del','arguments':{'id':'e','mode':'hard'}}"));
        assertTrue(isDeletion(monitor.line()));
        assertEquals(List.of(NONE), monitor.ask("{'execute':'query-block-exports'}"));
    }

    /** With a mode that QEMU's schema only wishes for; its own drop the clients at once. */
    private static void waitsForItsClients(QmpClient monitor) {
        assertEquals(
                List.of(NOTHING),
                monitor.ask("{'execute':'block-export-del','arguments':{'id':'e','mode':'hide'}}"));
        assertTrue(
                monitor.ask("{'execute':'query-block-exports'}")
                        .get(0)
                        .contains("\"shutting-down\": true"));
        List<String> again = monitor.ask("{'execute':'block-export-del','arguments':{'id':'e'}}");
        assertTrue(again.get(0).contains("Export 'e' is already shutting down"), again::toString);
    }
}
