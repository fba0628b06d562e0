package io.diskport.tls.psk;

import static io.diskport.tls.psk.Ends.result;
import static io.diskport.tls.psk.Ends.start;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.object.TlsChannel;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What goes over a connection, and how it ends. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PskChannelTest {
    private static final Duration AT_ONCE = Duration.ofSeconds(5);

    @TempDir Path folder;

    private Ends ends;
    private TlsChannel server;
    private TlsChannel client;

    @BeforeEach
    void connect() throws Exception {
        ends = Ends.connect();
        Path keys = Ends.keys(folder, "qemu:00112233445566778899aabbccddeeff");
        CompletableFuture<TlsChannel> theirs = ends.server(Ends.server(keys));
        client = result(ends.client(Ends.client(keys, "qemu")));
        server = result(theirs);
    }

    @AfterEach
    void close() throws IOException {
        ends.close();
    }

    @Test
    void megabytesGoBothWaysAtOnce() throws Exception {
        byte[] down = random(1, 9_000_001);
        byte[] up = random(2, 7_654_321);
        CompletableFuture<Void> serverWrites = start(() -> write(server, down, 100_000));
        CompletableFuture<Void> clientWrites = start(() -> write(client, up, 5_001));
        CompletableFuture<byte[]> serverReads = start(() -> read(server, up.length, 70_000));
        CompletableFuture<byte[]> clientReads = start(() -> read(client, down.length, 999));
        assertArrayEquals(down, result(clientReads));
        assertArrayEquals(up, result(serverReads));
        result(serverWrites);
        result(clientWrites);
    }

    @Test
    void readGivesWhatIsThereAndWriteTakesAll() throws Exception {
        assertEquals(5, server.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5})));
        ByteBuffer few = ByteBuffer.allocate(3);
        assertEquals(3, client.read(few));
        assertArrayEquals(new byte[] {1, 2, 3}, few.array());
        assertEquals(0, client.read(few));
        ByteBuffer many = ByteBuffer.allocate(100);
        assertEquals(2, client.read(many));
        assertEquals(2, many.position());
        assertEquals(0, server.write(ByteBuffer.allocate(0)));
    }

    @Test
    void closedConnectionIsReadToItsEnd() throws Exception {
        server.write(ByteBuffer.wrap(new byte[] {7}));
        server.close();
        server.close();
        assertFalse(server.isOpen());
        assertEquals(1, client.read(ByteBuffer.allocate(10)));
        assertEquals(-1, client.read(ByteBuffer.allocate(10)));
        assertEquals(-1, client.read(ByteBuffer.allocate(10)));
    }

    @Test
    void endWithoutNoticeIsAnEndToo() throws Exception {
        server.write(ByteBuffer.wrap(new byte[] {7}));
        ends.serverSocket.close();
        assertEquals(1, client.read(ByteBuffer.allocate(10)));
        assertEquals(-1, client.read(ByteBuffer.allocate(10)));
    }

    @Test
    void clientThatLeavesWithoutNoticeIsAnEndToo() throws Exception {
        client.write(ByteBuffer.wrap(new byte[] {7}));
        // No close: the system resets what has unread data, and tickets came here.
        ends.clientSocket.shutdownOutput();
        assertEquals(1, server.read(ByteBuffer.allocate(10)));
        assertEquals(-1, server.read(ByteBuffer.allocate(10)));
    }

    @Test
    void endInTheMiddleOfARecordIsAnError() throws Exception {
        ends.serverSocket.write(ByteBuffer.wrap(new byte[] {0x17, 3, 3, 0, 100, 1}));
        ends.serverSocket.close();
        EOFException e =
                assertThrows(EOFException.class, () -> client.read(ByteBuffer.allocate(10)));
        assertEquals("The peer ended the connection in the middle of a TLS record", e.getMessage());
    }

    @Test
    void garbageEndsTheConnection() throws Exception {
        byte[] record = new byte[105];
        System.arraycopy(new byte[] {0x17, 3, 3, 0, 100}, 0, record, 0, 5);
        ends.serverSocket.write(ByteBuffer.wrap(record));
        IOException e = assertThrows(IOException.class, () -> client.read(ByteBuffer.allocate(10)));
        assertTrue(e.getMessage().startsWith("TLS with the peer failed: "), e::getMessage);
        assertFalse(ends.clientSocket.isOpen());
        assertFalse(client.isOpen());
        IOException told =
                assertThrows(IOException.class, () -> server.read(ByteBuffer.allocate(10)));
        assertEquals("The peer has ended TLS with the alert 'bad_record_mac'", told.getMessage());
    }

    @Test
    void plainTextEndsTheConnection() throws Exception {
        ends.serverSocket.write(ByteBuffer.wrap("no record at all".getBytes()));
        assertThrows(IOException.class, () -> client.read(ByteBuffer.allocate(10)));
        assertFalse(client.isOpen());
    }

    @Test
    void closingFreesAReader() throws Exception {
        CompletableFuture<Integer> reader = start(() -> client.read(ByteBuffer.allocate(10)));
        ends.watched.awaitReader();
        assertTimeoutPreemptively(AT_ONCE, client::close);
        assertThrows(IOException.class, () -> result(reader));
        assertThrows(ClosedChannelException.class, () -> client.read(ByteBuffer.allocate(10)));
        assertEquals(-1, server.read(ByteBuffer.allocate(10)));
    }

    @Test
    void closingFreesAWriterWhosePeerDoesNotRead() throws Exception {
        CompletableFuture<Void> writer = start(() -> write(client, new byte[100_000_000], 1 << 20));
        ends.watched.awaitWriter();
        assertTimeoutPreemptively(AT_ONCE, client::close);
        assertThrows(IOException.class, () -> result(writer));
        assertThrows(ClosedChannelException.class, () -> client.write(ByteBuffer.allocate(10)));
    }

    @Test
    void closingDoesNotWaitForAPeerThatDoesNotRead() throws Exception {
        ends.clientSocket.configureBlocking(false);
        byte[] junk = new byte[1 << 16];
        ByteBuffer rest = ByteBuffer.wrap(junk);
        // The way to the peer is full below TLS, and nobody is writing.
        while (ends.clientSocket.write(rest.clear()) > 0) {
            rest.clear();
        }
        ends.clientSocket.configureBlocking(true);
        assertTimeoutPreemptively(AT_ONCE, client::close);
        assertFalse(ends.clientSocket.isOpen());
    }

    @Test
    void readerGoesOnWhileAWriterWaits() throws Exception {
        CompletableFuture<Void> writer = start(() -> write(client, new byte[100_000_000], 1 << 20));
        ends.watched.awaitWriter();
        server.write(ByteBuffer.wrap(new byte[] {9}));
        assertEquals(1, client.read(ByteBuffer.allocate(10)));
        client.close();
        assertThrows(IOException.class, () -> result(writer));
    }

    @Test
    void manyThreadsMayCloseAtOnce() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<?>[] closers = new CompletableFuture<?>[4];
        for (int i = 0; i < closers.length; i++) {
            closers[i] =
                    start(
                            () -> {
                                go.await();
                                client.close();
                                return null;
                            });
        }
        go.countDown();
        for (CompletableFuture<?> closer : closers) {
            result(closer);
        }
        assertEquals(-1, server.read(ByteBuffer.allocate(1)));
    }

    private static Void write(TlsChannel channel, byte[] data, int step) throws IOException {
        for (int at = 0; at < data.length; at += step) {
            channel.write(ByteBuffer.wrap(data, at, Math.min(step, data.length - at)));
        }
        return null;
    }

    private static byte[] read(TlsChannel channel, int length, int step) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(length);
        while (all.hasRemaining()) {
            ByteBuffer part = all.slice(all.position(), Math.min(step, all.remaining()));
            int count = channel.read(part);
            if (count < 0) {
                throw new EOFException();
            }
            assertEquals(count, part.position());
            all.position(all.position() + count);
        }
        return all.array();
    }

    private static byte[] random(int seed, int length) {
        byte[] data = new byte[length];
        new Random(seed).nextBytes(data);
        return data;
    }
}
