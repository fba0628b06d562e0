package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a client is at when the NBD driver is replaced, it goes on afterwards. */
class NbdHandoverTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final long MIB = 1 << 20;

    @RegisterExtension private static final Bench BENCH = new Bench();

    private static Shell shell;
    private static String local;

    @BeforeAll
    static void start() throws IOException {
        NbdTools.need();
        Path socket = BENCH.socket("nbd");
        local = NbdTools.uri(socket, "disk");
        BENCH.site().desireFileNode("disk", BENCH.site().image("disk.raw", 64 * MIB));
        BENCH.site().desireNbdServer("local", socket, "handshake-timeout = 60s");
        BENCH.site().desireNbd("disk", "local");
        shell = BENCH.shell();
        shell.awaitRow("exports", "disk", "running", Daemon.START);
    }

    @Test
    void idleConnectionsAreThereAfterwards() {
        List<Client> idle = List.of(open("idle.py", local, 0), open("idle.py", local, MIB));
        replaceTwice();
        for (Client client : idle) {
            assertKept(client);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"connected", "greeted", "flagged", "listed", "half"})
    void handshakesGoOn(String step) {
        Client client = open("half_greeted.py", local, step);
        replaceTwice();
        assertKept(client);
    }

    @Test
    void clientThatDoesNotReadGetsAllItsReplies() {
        BENCH.run(
                        NbdTools.nbdsh(
                                local,
                                """
                                for i in range(16):
                                    h.pwrite(i.to_bytes(8, "big") * 8192, i * 65536)
                                """))
                .ok();
        Client client = open("late_reader.py", local);
        replaceTwice();
        assertKept(client);
    }

    @Test
    void newClientsWaitMeanwhile() throws IOException {
        Path stop = BENCH.folder().resolve("stop");
        Path script = BENCH.folder().resolve("connect.sh");
        Files.writeString(
                script, "until [ -e \"$2\" ]; do nbdinfo --size \"$1\" || exit 1; done; echo kept");
        Client client = BENCH.client("sh", script, local, stop);
        client.awaitOutput("67108864", SOON);
        replaceTwice();
        Files.createFile(stop);
        assertKept(client);
    }

    private static Client open(String name, Object... arguments) {
        Client client = BENCH.client(NbdTools.client(name, arguments));
        client.awaitOutput("open\n", Daemon.START);
        return client;
    }

    private static void replaceTwice() {
        for (int number = 0; number < 2; number++) {
            int said = shell.log().length();
            BENCH.site().redeploy("driver-nbd.jar");
            shell.awaitLog(said, "Export 'disk' (nbd) is running", SOON);
        }
    }

    private static void assertKept(Client client) {
        client.go();
        String said = client.await(SOON).ok();
        assertTrue(said.contains("kept"), said);
    }
}
