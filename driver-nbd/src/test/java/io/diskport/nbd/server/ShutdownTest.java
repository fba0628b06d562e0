package io.diskport.nbd.server;

import static io.diskport.nbd.testing.Wire.ERR_UNKNOWN;
import static io.diskport.nbd.testing.Wire.FLUSH;
import static io.diskport.nbd.testing.Wire.OPT_GO;
import static io.diskport.nbd.testing.Wire.READ;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.Errno;
import io.diskport.api.export.ShutdownMode;
import io.diskport.nbd.testing.Await;
import io.diskport.nbd.testing.NbdClient;
import io.diskport.nbd.testing.Resources;
import io.diskport.nbd.testing.Wire;
import io.diskport.nbd.testing.Wire.Style;
import io.diskport.support.Closing;
import io.diskport.testkit.fake.MemoryBackend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How exports and servers begin and end. */
@Timeout(30)
class ShutdownTest {
    @TempDir Path directory;

    private Site site;
    private Site.Offered disk;

    @BeforeEach
    void begin() throws Exception {
        site = new Site();
        disk = site.offer("disk", MemoryBackend.of(1 << 20));
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    private void isNotOffered() throws Exception {
        try (NbdClient client = site.connect()) {
            client.greet(3);
            assertEquals(ERR_UNKNOWN, client.ask(OPT_GO, Wire.info(Wire.utf8("disk"))));
        }
    }

    @ParameterizedTest
    @EnumSource(ShutdownMode.class)
    void anExportThatEndsTakesNoNewClients(ShutdownMode mode) throws Exception {
        disk.export.requestShutdown(mode);
        isNotOffered();
    }

    @ParameterizedTest
    @EnumSource(
            value = ShutdownMode.class,
            names = {"HARD", "SAFE"})
    void theHardWaysDropClients(ShutdownMode mode) throws Exception {
        try (NbdClient client = site.client(Style.SIMPLE, "disk")) {
            disk.export.requestShutdown(mode);
            assertEquals(0, client.awaitEnd());
        }
        Await.until("it is forgotten", () -> disk.context.clients.isEmpty());
    }

    @Test
    void hiddenExportsServeTheirClientsUntilTheyLeave() throws Exception {
        try (NbdClient client = site.client(Style.STRUCTURED, "disk")) {
            disk.export.requestShutdown(ShutdownMode.HIDE);
            byte[] data = Wire.pattern(5000, 1);
            client.write(1, data);
            assertArrayEquals(data, client.read(1, 5000));
            assertEquals(1, disk.context.clients.size());
            client.disconnect();
            client.awaitEnd();
        }
        Await.until("it is forgotten", () -> disk.context.clients.isEmpty());
    }

    @Test
    void softlyEndedExportsTellTheirClients() throws Exception {
        try (NbdClient client = site.client(Style.STRUCTURED, "disk")) {
            disk.export.requestShutdown(ShutdownMode.SOFT);
            // as core does then
            disk.backend.failure = Errno.ESHUTDOWN;
            assertEquals(Wire.ESHUTDOWN, client.call(READ, 0, 0, 10).error);
            assertEquals(Wire.ESHUTDOWN, client.call(FLUSH, 0, 0, 0).error);
            assertEquals(1, disk.context.clients.size());
        }
    }

    @Test
    void aHarderModeMayFollow() throws Exception {
        try (NbdClient client = site.client(Style.SIMPLE, "disk")) {
            disk.export.requestShutdown(ShutdownMode.HIDE);
            disk.export.requestShutdown(ShutdownMode.HARD);
            assertEquals(0, client.awaitEnd());
        }
    }

    @Test
    void othersGoOnWhenOneEnds() throws Exception {
        site.offer("other", MemoryBackend.of(4096));
        try (NbdClient client = site.client(Style.SIMPLE, "other")) {
            site.end(disk, ShutdownMode.HARD);
            assertArrayEquals(new byte[10], client.read(0, 10));
        }
    }

    @Test
    void aClientThatDoesNotReadIsDroppedInTime() throws Exception {
        disk.backend.inline = true;
        try (NbdClient client = site.client(Style.SIMPLE, "disk").deaf()) {
            client.submitMany(30, READ, 0, 1 << 20);
            assertEndsInTime();
        }
    }

    @Test
    void requestsThatHangDoNotDelayTheEnd() throws Exception {
        disk.backend.hang();
        try (NbdClient client = site.client(Style.SIMPLE, "disk")) {
            client.submitMany(30, READ, 0, 4096);
            Await.until("they hang", () -> disk.backend.hanging.get() > 0);
            assertEndsInTime();
            assertTrue(site.log.toString().contains("hang in node 'memory'"), site.log::toString);
            client.awaitEnd();
        }
        disk.backend.goOn();
    }

    private void assertEndsInTime() {
        long begun = System.nanoTime();
        site.end(disk, ShutdownMode.HARD);
        long took = System.nanoTime() - begun;
        assertTrue(took < 3_000_000_000L, "it took " + took / 1_000_000 + " ms");
    }

    @Test
    void aNameMayBeTakenOnlyOnce() throws Exception {
        BlockException refused =
                assertThrows(
                        BlockException.class, () -> site.offer("disk", MemoryBackend.of(4096)));
        assertEquals(BlockException.Reason.EXISTS, refused.reason());
        assertTrue(refused.getMessage().contains("'disk'"), refused.getMessage());
        site.end(disk, ShutdownMode.HARD);
        disk = site.offer("disk", MemoryBackend.of(4096));
        try (NbdClient client = site.client(Style.SIMPLE, "disk")) {
            assertEquals(4096, client.size());
        }
    }

    @Test
    void anExportTellsItsAddressAndWhatItIs() throws Exception {
        assertTrue(
                disk.export.info().address().startsWith("nbd+unix:///disk?socket=/"),
                disk.export.info().address());
        assertEquals("disk", disk.export.info().details().get("name"));
        try (NbdClient client = site.client(Style.SIMPLE, "disk")) {
            Await.until("one", () -> site.info().get("clients").equals("1 of 100"));
            assertEquals("simple", disk.context.details.get("replies"));
            assertArrayEquals(new byte[1], client.read(0, 1));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nothingStaysOfAServer(boolean inet) throws Exception {
        // The first one has the JVM open what it keeps.
        use(inet);
        int before = Resources.descriptors();
        for (int i = 0; i < 5; i++) {
            use(inet);
        }
        Await.until(() -> "descriptors stay: " + before, () -> Resources.descriptors() <= before);
    }

    private static void use(boolean inet) throws Exception {
        List<NbdClient> clients = new ArrayList<>();
        try (Site other = new Site(settings -> settings.inet = inet)) {
            MemoryBackend node = MemoryBackend.of(1 << 20);
            other.offer("disk", node);
            for (Style style : Style.values()) {
                for (int i = 0; i < 4; i++) {
                    NbdClient client = other.client(style, "disk");
                    clients.add(client);
                    client.write(0, new byte[4096]);
                    client.read(0, 4096);
                }
                NbdClient deaf = other.client(style, "disk").deaf();
                clients.add(deaf);
                deaf.submitMany(20, READ, 0, 1 << 20);
                NbdClient halfway = other.connect();
                clients.add(halfway);
                halfway.greet(3);
            }
            other.handOver();
            clients.get(0).read(0, 4096);
            clients.get(0).close();
            clients.get(1).disconnect();
            clients.get(1).awaitEnd();
        } finally {
            for (NbdClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void aServerThatIsClosedLeavesNoGoBehindThatWaitsForAHeldName() throws Exception {
        List<Optional<io.diskport.api.Handover>> left = site.suspendExports();
        site.startServer(site.suspendServer());
        site.offered.clear();
        left.forEach(one -> Closing.all(one.orElseThrow().state(), site.log));
        try (NbdClient client = site.connect()) {
            client.greet(3);
            client.option(OPT_GO, Wire.info(Wire.utf8("disk")));
            Await.until("it waits", () -> site.info().get("in handshake").equals("1"));
            site.closeServer();
            Await.within(
                    3, () -> "threads stay: " + site.threads(), () -> site.threads().isEmpty());
        }
    }

    // Sockets

    private io.diskport.api.object.BlockObject serverAt(Path path) throws BlockException {
        NbdServerOptions options =
                new NbdServerOptions(
                        new NbdAddress.Unix(path),
                        Optional.empty(),
                        Optional.empty(),
                        true,
                        100,
                        java.time.Duration.ofSeconds(10),
                        java.time.Duration.ZERO);
        return new NbdServerDriver()
                .create(new io.diskport.nbd.testing.FakeObjectContext("at", site.log), options);
    }

    @Test
    void theSocketIsForItsOwnerAndGoesWithTheServer() throws Exception {
        Path path = directory.resolve("socket");
        io.diskport.api.object.BlockObject server = serverAt(path);
        assertEquals(
                "rw-------",
                java.nio.file.attribute.PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(path)));
        server.close();
        assertTrue(Files.notExists(path));
    }

    @Test
    void aSocketThatIsInUseIsNotTakenAway() throws Exception {
        Path path = directory.resolve("socket");
        io.diskport.api.object.BlockObject server = serverAt(path);
        BlockException refused = assertThrows(BlockException.class, () -> serverAt(path));
        assertEquals(BlockException.Reason.IN_USE, refused.reason());
        assertTrue(Files.exists(path));
        server.close();
    }

    @Test
    void aSocketThatADeadServerLeftIsReplaced() throws Exception {
        Path path = directory.resolve("socket");
        try (java.nio.channels.ServerSocketChannel dead =
                java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            dead.bind(java.net.UnixDomainSocketAddress.of(path));
        }
        assertTrue(Files.exists(path));
        serverAt(path).close();
    }

    @Test
    void aFileThatIsNoSocketIsNotTakenAway() throws Exception {
        Path path = Files.writeString(directory.resolve("file"), "precious");
        BlockException refused = assertThrows(BlockException.class, () -> serverAt(path));
        assertEquals(BlockException.Reason.EXISTS, refused.reason());
        assertEquals("precious", Files.readString(path));
    }

    @Test
    void theSocketOfSomebodyElseIsNotRemovedAtTheEnd() throws Exception {
        Path path = directory.resolve("socket");
        io.diskport.api.object.BlockObject server = serverAt(path);
        Files.delete(path);
        Files.writeString(path, "precious");
        server.close();
        assertEquals("precious", Files.readString(path));
    }
}
