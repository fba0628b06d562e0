package io.diskport.tls.psk;

import static io.diskport.tls.psk.Ends.result;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.object.TlsChannel;
import io.diskport.api.object.TlsCredentials;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom each end takes, and what it says of whom it does not take. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HandshakeTest {
    private static final String ALICE = "alice:00112233445566778899aabbccddeeff";
    private static final String BOB = "bob:ffeeddccbbaa99887766554433221100";

    @TempDir Path folder;

    @Test
    void endsKnowEachOther() throws Exception {
        try (Ends ends = Ends.connect()) {
            CompletableFuture<TlsChannel> theirs = ends.server(server(ALICE, BOB));
            TlsChannel mine = result(ends.client(client("bob", BOB)));
            assertEquals("bob", mine.peerIdentity());
            assertEquals("bob", result(theirs).peerIdentity());
            assertEquals("TLSv1.3 TLS_AES_128_GCM_SHA256", mine.session());
            assertEquals(mine.session(), result(theirs).session());
        }
    }

    @Test
    void usersComeAndGoWithTheFile() throws Exception {
        Path directory = Ends.keys(folder, ALICE);
        TlsCredentials server = Ends.server(directory);
        Files.writeString(directory.resolve("keys.psk"), BOB);
        try (Ends ends = Ends.connect()) {
            CompletableFuture<TlsChannel> theirs = ends.server(server);
            result(ends.client(client("bob", BOB)));
            assertEquals("bob", result(theirs).peerIdentity());
        }
        Files.delete(directory.resolve("keys.psk"));
        try (Ends ends = Ends.connect()) {
            IOException e = assertThrows(IOException.class, () -> result(ends.server(server)));
            assertEquals(
                    "Unable to access credentials "
                            + directory.resolve("keys.psk")
                            + ": No such file or directory",
                    e.getMessage());
        }
    }

    @Test
    void wrongKeyIsRefusedAndBothEndsSaySo() throws Exception {
        Path directory = Ends.keys(folder, ALICE, BOB);
        try (Ends ends = Ends.connect()) {
            CompletableFuture<TlsChannel> theirs = ends.server(Ends.server(directory));
            CompletableFuture<TlsChannel> mine = ends.client(client("alice", "alice:00"));
            assertEquals("The server has another key for the user 'alice', or none", failure(mine));
            assertEquals(
                    "The peer has another key for the user 'alice' than '"
                            + directory.resolve("keys.psk")
                            + "'",
                    failure(theirs));
            assertTrue(ends.serverSocket.isOpen());
        }
    }

    @Test
    void unknownUserSeesWhatAWrongKeySees() throws Exception {
        Path directory = Ends.keys(folder, ALICE);
        byte[] wrongKey;
        try (Ends ends = Ends.connect()) {
            CompletableFuture<TlsChannel> theirs = ends.server(Ends.server(directory));
            wrongKey = answer(ends, "alice");
            failure(theirs);
        }
        try (Ends ends = Ends.connect()) {
            CompletableFuture<TlsChannel> theirs = ends.server(Ends.server(directory));
            assertArrayEquals(wrongKey, answer(ends, "malory"));
            assertEquals(
                    "'" + directory.resolve("keys.psk") + "' has no key of the user 'malory'",
                    failure(theirs));
        }
    }

    /** All that the server sends to a client with a wrong key. */
    private byte[] answer(Ends ends, String user) throws Exception {
        Recorded recorded = new Recorded(ends.clientSocket);
        TlsCredentials credentials = client(user, user + ":00");
        assertThrows(IOException.class, () -> credentials.secure(recorded, ""));
        return recorded.read().toByteArray();
    }

    @Test
    void nameOfAStrangerCannotForgeTheLog() throws Exception {
        Path directory = Ends.keys(folder, ALICE);
        String name = "x\u0007\u001b[2J" + "y".repeat(100);
        try (Ends ends = Ends.connect()) {
            CompletableFuture<TlsChannel> theirs = ends.server(Ends.server(directory));
            ends.client(client(name, name + ":00"));
            assertEquals(
                    "'"
                            + directory.resolve("keys.psk")
                            + "' has no key of the user 'x??[2J"
                            + "y".repeat(58)
                            + "...'",
                    failure(theirs));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.0\r\n\r\n",
                "NBDMAGICIHAVEOPT\0\0\0\3",
                "\u0016\u0003\u0003\0\4\2\0\0\0",
                "\u0016\u0003\u0003\377\377"
            })
    void peerThatDoesNotSpeakTlsIsRefused(String text) throws Exception {
        try (Ends ends = Ends.connect()) {
            CompletableFuture<TlsChannel> mine = ends.server(server(ALICE));
            write(ends.clientSocket, text);
            String message = failure(mine);
            assertTrue(
                    message.matches(
                            "The peer does not speak TLS|The TLS handshake failed: .*"
                                    + "|The peer offers no shared key.*"),
                    message);
            assertTrue(ends.serverSocket.isOpen());
        }
    }

    @Test
    void serverThatDoesNotSpeakTlsIsRefused() throws Exception {
        try (Ends ends = Ends.connect()) {
            CompletableFuture<TlsChannel> mine = ends.client(client("alice", ALICE));
            write(ends.serverSocket, "NBDMAGICIHAVEOPT");
            assertEquals("The peer does not speak TLS", failure(mine));
        }
    }

    @Test
    void peerThatLeavesDuringTheHandshakeEndsIt() throws Exception {
        try (Ends ends = Ends.connect()) {
            CompletableFuture<TlsChannel> mine = ends.server(server(ALICE));
            write(ends.clientSocket, "\u0016\u0003\u0001");
            ends.clientSocket.close();
            String message = failure(mine);
            assertTrue(message.startsWith("The peer ended the connection in the"), message);
        }
    }

    @Test
    void closingTheChannelEndsAHandshakeThatWaits() throws Exception {
        try (Ends ends = Ends.connect()) {
            CompletableFuture<TlsChannel> mine = ends.client(client("alice", ALICE));
            ends.watched.awaitReader();
            ends.clientSocket.close();
            assertThrows(IOException.class, () -> result(mine));
        }
    }

    private TlsCredentials server(String... lines) throws Exception {
        return Ends.server(Ends.keys(folder, lines));
    }

    private TlsCredentials client(String user, String... lines) throws Exception {
        return Ends.client(Ends.keys(folder, lines), user);
    }

    private static String failure(CompletableFuture<TlsChannel> end) {
        return assertThrows(IOException.class, () -> result(end)).getMessage();
    }

    private static void write(SocketChannel socket, String text) throws IOException {
        socket.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }
}
