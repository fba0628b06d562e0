package io.diskport.vhost.blk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.export.ShutdownMode;
import io.diskport.testkit.fake.MemoryBackend;
import io.diskport.vhost.blk.testing.Await;
import io.diskport.vhost.blk.testing.Bytes;
import io.diskport.vhost.blk.testing.FrontEnd;
import io.diskport.vhost.blk.testing.Inherited;
import io.diskport.vhost.blk.testing.Messages;
import io.diskport.vhost.blk.testing.Queue;
import io.diskport.vhost.blk.testing.Resources;
import io.diskport.vhost.blk.testing.Vhost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From the first moment of an export to its last. */
@Timeout(60)
class LifecycleTest {
    private static final int MIB = 1 << 20;

    private final MemoryBackend node = MemoryBackend.inline(MIB);

    private static void works(FrontEnd frontEnd) {
        for (Queue queue : frontEnd.queues) {
            byte[] data = Bytes.pattern(4096, System.nanoTime());
            assertEquals(Vhost.OK, frontEnd.write(queue, 0, data));
            assertArrayEquals(data, frontEnd.read(queue, 0, 4096));
        }
    }

    private static void works(Site site) throws IOException {
        try (FrontEnd frontEnd = site.frontEnd()) {
            works(frontEnd);
        }
    }

    // The socket

    @Test
    void theSocketIsForTheUserOnly() throws Exception {
        try (Site site = new Site(node)) {
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(site.socket())));
        }
    }

    @Test
    void aSocketThatAKilledDaemonLeftIsTakenOver() throws Exception {
        try (Site site = new Site(node)) {
            Path socket = site.socket();
            site.end();
            // bound, and nobody listens
            try (var left =
                    java.nio.channels.ServerSocketChannel.open(
                            java.net.StandardProtocolFamily.UNIX)) {
                left.bind(java.net.UnixDomainSocketAddress.of(socket));
            }
            assertTrue(Files.exists(socket, LinkOption.NOFOLLOW_LINKS));
            site.start(Optional.empty());
            works(site);
        }
    }

    @Test
    void aSocketThatSomebodyListensAtIsNotTaken() throws Exception {
        try (Site site = new Site(node)) {
            MemoryBackend other = MemoryBackend.inline(MIB);
            BlockException refusal =
                    assertThrows(
                            BlockException.class,
                            () ->
                                    new Site(
                                            other,
                                            settings ->
                                                    settings.address =
                                                            Optional.of(
                                                                    new VhostUserBlkAddress.Unix(
                                                                            site.socket()))));
            assertTrue(
                    refusal.getMessage().contains(site.socket().toString()), refusal.getMessage());
            works(site);
        }
    }

    @Test
    void aFileThatIsNoSocketStays() throws Exception {
        Path file = Files.createTempFile("vhost", ".txt");
        try {
            BlockException refusal =
                    assertThrows(
                            BlockException.class,
                            () ->
                                    new Site(
                                            node,
                                            settings ->
                                                    settings.address =
                                                            Optional.of(
                                                                    new VhostUserBlkAddress.Unix(
                                                                            file))));
            assertTrue(refusal.getMessage().contains(file.toString()), refusal.getMessage());
            assertTrue(Files.isRegularFile(file));
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void aSocketInAFolderThatIsNotThere() {
        BlockException refusal =
                assertThrows(
                        BlockException.class,
                        () ->
                                new Site(
                                        node,
                                        settings ->
                                                settings.address =
                                                        Optional.of(
                                                                new VhostUserBlkAddress.Unix(
                                                                        Path.of("/nowhere/s")))));
        assertTrue(refusal.getMessage().contains("/nowhere/s"), refusal.getMessage());
    }

    @Test
    void aPathThatIsTooLong() {
        Path path = Path.of("/tmp/" + "x".repeat(120));
        BlockException refusal =
                assertThrows(
                        BlockException.class,
                        () ->
                                new Site(
                                        node,
                                        settings ->
                                                settings.address =
                                                        Optional.of(
                                                                new VhostUserBlkAddress.Unix(
                                                                        path))));
        assertTrue(refusal.getMessage().contains("xxx"), refusal.getMessage());
    }

    @Test
    void aSocketThatSomebodyElsePutThereStays() throws Exception {
        Site site = new Site(node);
        Files.delete(site.socket());
        Files.writeString(site.socket(), "another's");
        try {
            site.end();
            assertTrue(Files.isRegularFile(site.socket()));
        } finally {
            Files.delete(site.socket());
            site.start(Optional.empty());
            site.close();
        }
    }

    @Test
    void anInheritedSocketIsUsedAndStays() throws Exception {
        Path socket = Files.createTempDirectory("vhost").resolve("s");
        int listening = Inherited.listen(socket);
        try {
            for (int i = 0; i < 2; i++) {
                try (Site site =
                        new Site(
                                node,
                                settings ->
                                        settings.address =
                                                Optional.of(
                                                        new VhostUserBlkAddress.Fd(
                                                                "" + listening)))) {
                    try (FrontEnd frontEnd = FrontEnd.start(socket)) {
                        works(frontEnd);
                        site.handOver();
                        works(frontEnd);
                    }
                }
            }
            assertTrue(Files.exists(socket, LinkOption.NOFOLLOW_LINKS), "it is another's");
        } finally {
            Inherited.close(listening);
            Files.delete(socket);
            Files.delete(socket.getParent());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "999", "12345678"})
    void whatIsNoListeningSocketIsRefused(String number) {
        String message =
                refused(
                        node,
                        settings ->
                                settings.address = Optional.of(new VhostUserBlkAddress.Fd(number)));
        assertTrue(message.contains("addr.str") && message.contains(number), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "-1", "3x"})
    void whatIsNoNumberIsRefused(String number) {
        assertThrows(IllegalArgumentException.class, () -> new VhostUserBlkAddress.Fd(number));
    }

    // Options

    private static String refused(MemoryBackend node, Site.Change change) {
        Exception refusal = assertThrows(Exception.class, () -> new Site(node, change).close());
        assertTrue(
                refusal instanceof BlockException || refusal instanceof IllegalArgumentException,
                refusal::toString);
        return refusal.getMessage();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1, 256, 513, 1000, 4_194_304, Integer.MIN_VALUE})
    void blockSizesThatAreNone(int size) {
        String message = refused(node, settings -> settings.logicalBlockSize = size);
        assertTrue(message.contains("logical-block-size") && message.contains("" + size), message);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65, 1 << 20})
    void numbersOfQueuesThatAreNone(int count) {
        String message = refused(node, settings -> settings.numQueues = count);
        assertTrue(message.contains("num-queues") && message.contains("" + count), message);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -2, 1, 3, 100, 2048, 65_536})
    void sizesOfQueuesThatAreNone(int size) {
        String message = refused(node, settings -> settings.queueSize = size);
        assertTrue(message.contains("queue-size") && message.contains("" + size), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"123456789012345678901", "größe", "a\0b", "tab\t"})
    void serialNumbersThatAreNone(String serial) {
        String message = refused(node, settings -> settings.serial = Optional.of(serial));
        assertTrue(message.contains("serial"), message);
    }

    @Test
    void allQueuesThereCanBe() throws Exception {
        try (Site site = new Site(node, settings -> settings.numQueues = 64);
                FrontEnd frontEnd = site.frontEnd(setup -> setup.queues = 64)) {
            works(frontEnd);
        }
    }

    @Test
    void theLargestQueue() throws Exception {
        try (Site site = new Site(node, settings -> settings.queueSize = 1024);
                FrontEnd frontEnd = site.frontEnd(setup -> setup.queueSize = 1024)) {
            works(frontEnd);
        }
    }

    @Test
    void readOnly() throws Exception {
        MemoryBackend readOnly = new MemoryBackend(MIB, false);
        readOnly.fill(0, Bytes.pattern(4096, 1));
        try (Site site = new Site(readOnly);
                FrontEnd frontEnd = site.frontEnd()) {
            assertTrue(frontEnd.has(Vhost.F_RO));
            Queue queue = frontEnd.queue();
            assertArrayEquals(Bytes.pattern(4096, 1), frontEnd.read(queue, 0, 4096));
            assertEquals(Vhost.IOERR, frontEnd.write(queue, 0, new byte[512]));
            frontEnd.memory.put(FrontEnd.DATA, Bytes.of().u64(0).u32(8).u32(0).array());
            Queue.Segment range = new Queue.Segment(FrontEnd.DATA, 16);
            assertTrue(queue.run(Vhost.DISCARD, 0, range) != Vhost.OK);
            assertTrue(queue.run(Vhost.WRITE_ZEROES, 0, range) != Vhost.OK);
            assertArrayEquals(Bytes.pattern(4096, 1), readOnly.content(0, 4096));
        }
    }

    // Front-ends

    @Test
    void aFrontEndIsAClient() throws Exception {
        try (Site site = new Site(node)) {
            assertEquals(List.of(), site.context.clients);
            try (FrontEnd frontEnd = site.frontEnd()) {
                works(frontEnd);
                assertEquals(1, site.context.clients.size());
            }
            Await.until("it has left", () -> site.context.clients.isEmpty());
        }
    }

    @Test
    void aFrontEndMayComeAgain() throws Exception {
        try (Site site = new Site(node);
                FrontEnd frontEnd = site.frontEnd(setup -> setup.queues = 4)) {
            for (int i = 0; i < 20; i++) {
                works(frontEnd);
                frontEnd.reconnect();
            }
            works(frontEnd);
        }
    }

    @Test
    void aSecondFrontEndIsServedOnceTheFirstHasLeft() throws Exception {
        try (Site site = new Site(node)) {
            FrontEnd first = site.frontEnd();
            try (Messages second = site.connect()) {
                second.send(Vhost.GET_FEATURES, new byte[0]);
                if (!second.hasInput(300)) {
                    works(first);
                    first.close();
                    assertEquals(Vhost.GET_FEATURES, second.receive().request());
                } else {
                    assertEquals(0, second.awaitEnd(), "answers");
                    works(first);
                    first.close();
                }
            }
            works(site);
        }
    }

    @Test
    void whoAsksForNothingIsNoHindrance() throws Exception {
        try (Site site = new Site(node)) {
            for (int i = 0; i < 50; i++) {
                site.connect().close();
            }
            works(site);
        }
    }

    @Test
    void aFrontEndThatIsRefusedByCore() throws Exception {
        try (Site site = new Site(node)) {
            site.context.refusesClients = true;
            try (Messages messages = site.connect()) {
                messages.send(Vhost.GET_FEATURES, new byte[0]);
                messages.awaitEnd();
            } catch (IOException e) {
                assertTrue(e.getMessage().matches(".*(ipe|is over).*"), e.getMessage());
            }
            site.context.refusesClients = false;
            works(site);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFrontEndThatDiesWhileRequestsHang(boolean async) throws Exception {
        node.inline = false;
        node.async = async;
        try (Site site = new Site(node)) {
            FrontEnd frontEnd = site.frontEnd();
            node.hang();
            for (int i = 0; i < 5; i++) {
                frontEnd.queue().submit(Vhost.IN, 0, new Queue.Segment(FrontEnd.DATA, 4096));
            }
            Await.until("they hang", () -> node.hanging.get() == 5);
            frontEnd.close();
            node.goOn();
            works(site);
        }
    }

    // The end

    @ParameterizedTest
    @CsvSource({"SAFE", "HARD"})
    void whoIsThereIsDropped(ShutdownMode mode) throws Exception {
        try (Site site = new Site(node);
                FrontEnd frontEnd = site.frontEnd()) {
            works(frontEnd);
            site.export.requestShutdown(mode);
            frontEnd.messages.awaitEnd();
            Await.until("it has left", () -> site.context.clients.isEmpty());
            assertThrows(IOException.class, () -> site.connect().ask(1, new byte[0]));
        }
    }

    @ParameterizedTest
    @CsvSource({"HIDE", "SOFT"})
    void whoIsThereStays(ShutdownMode mode) throws Exception {
        try (Site site = new Site(node);
                FrontEnd frontEnd = site.frontEnd()) {
            works(frontEnd);
            site.export.requestShutdown(mode);
            works(frontEnd);
            frontEnd.close();
            Await.until("it has left", () -> site.context.clients.isEmpty());
            assertThrows(IOException.class, () -> site.connect().ask(1, new byte[0]));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theEndDoesNotWaitForWhatHangs(boolean async) throws Exception {
        node.inline = false;
        node.async = async;
        Site site = new Site(node);
        FrontEnd frontEnd = site.frontEnd();
        node.hang();
        frontEnd.queue().submit(Vhost.IN, 0, new Queue.Segment(FrontEnd.DATA, 4096));
        Await.until("it hangs", () -> node.hanging.get() == 1);
        long begun = System.nanoTime();
        site.export.requestShutdown(ShutdownMode.HARD);
        site.export.delete();
        long millis = (System.nanoTime() - begun) / 1_000_000;
        assertTrue(millis < 3000, millis + " ms");
        frontEnd.messages.awaitEnd();
        frontEnd.close();
        node.goOn();
        Await.until(() -> "threads stay: " + site.threads(), () -> site.threads().isEmpty());
        site.node.shutdown();
        Files.delete(site.socket().getParent());
    }

    @Test
    void nothingStays() throws Exception {
        new Site(node).close(); // what is loaded once
        int descriptors = Resources.descriptors();
        long mappings = Resources.mappings();
        for (int i = 0; i < 20; i++) {
            try (Site site = new Site(node)) {
                if (i % 2 == 0) {
                    try (FrontEnd frontEnd = site.frontEnd(setup -> setup.queues = 4)) {
                        works(frontEnd);
                        if (i % 4 == 0) {
                            site.end();
                            site.start(Optional.empty());
                        }
                    }
                }
            }
        }
        Await.until("descriptors stay", () -> Resources.descriptors() <= descriptors);
        Await.until("mappings stay", () -> Resources.mappings() <= mappings);
        assertEquals(List.of(), Resources.threads("vhost-"));
    }

    @Test
    void itTellsOfItself() throws Exception {
        try (Site site = new Site(node)) {
            assertTrue(
                    site.export.info().toString().contains(site.socket().toString()),
                    site.export.info().toString());
            List<String> before = new ArrayList<>(List.of(site.export.info().toString()));
            try (FrontEnd frontEnd = site.frontEnd()) {
                works(frontEnd);
                before.add(site.export.info().toString());
            }
            assertFalse(before.get(0).equals(before.get(1)), "the same with a front-end");
        }
    }
}
