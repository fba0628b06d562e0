package io.diskport.tls.x509;

import static io.diskport.tls.x509.Ends.credentials;
import static io.diskport.tls.x509.Ends.result;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.object.TlsChannel;
import io.diskport.api.object.TlsCredentials;
import io.diskport.api.object.TlsCredentials.Endpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom each end takes, and what it says of whom it does not take. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HandshakeTest {
    @TempDir static Path folder;

    private static Certificates authority;
    private static Certificates stranger;
    private static Path server;
    private static Path client;

    @BeforeAll
    static void makeCertificates() throws Exception {
        Certificates.require();
        authority = new Certificates(folder, "Known");
        stranger = new Certificates(folder, "Stranger");
        server =
                authority.server(
                        "disks",
                        "dns_name = \"disks.example\"",
                        "ip_address = \"127.0.0.1\"",
                        "ip_address = \"::1\"");
        client = authority.client("laptop", "organization = \"Example, Org\"", "country = \"GB\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "disks.example", "127.0.0.1", "::1", "[::1]"})
    void endsKnowEachOther(String name) throws Exception {
        try (Ends ends = Ends.connect()) {
            CompletableFuture<TlsChannel> theirs =
                    ends.server(credentials(Endpoint.SERVER, server));
            TlsChannel mine = result(ends.client(credentials(Endpoint.CLIENT, client), name));
            assertEquals("CN=disks", mine.peerIdentity());
            // RFC 4514: the most special part first.
            assertEquals("CN=laptop,O=Example\\, Org,C=GB", result(theirs).peerIdentity());
            assertEquals("TLSv1.3 TLS_AES_256_GCM_SHA384", mine.session());
            assertEquals(mine.session(), result(theirs).session());
        }
    }

    @Test
    void commonNameStandsInForMissingAlternatives() throws Exception {
        Path old = authority.server("old.example");
        assertTalk(
                credentials(Endpoint.SERVER, old),
                credentials(Endpoint.CLIENT, client),
                "old.example");
    }

    @ParameterizedTest
    @CsvSource({"other.example", "127.0.0.2", "disks"})
    void serverWithAnotherNameIsRefused(String name) throws Exception {
        String message =
                clientRefuses(
                        credentials(Endpoint.SERVER, server),
                        credentials(Endpoint.CLIENT, client),
                        name);
        assertTrue(
                message.startsWith(
                        "TLS with the peer failed: its certificate 'CN=disks' is for another name"
                                + " than '"
                                + name
                                + "': No "),
                message);
    }

    @Test
    void serverOfAnotherAuthorityIsRefused() throws Exception {
        String message =
                clientRefuses(
                        credentials(Endpoint.SERVER, stranger.server("disks.example")),
                        credentials(Endpoint.CLIENT, client),
                        "");
        assertTrue(
                message.startsWith(
                        "TLS with the peer failed: its certificate 'CN=disks.example' leads to none"
                                + " of the authorities in ca-cert.pem: "),
                message);
    }

    @Test
    void expiredServerIsRefused() throws Exception {
        TlsCredentials expired =
                Ends.create(
                        Ends.options(
                                Endpoint.SERVER,
                                authority.server(
                                        "disks.example",
                                        "activation_date = \"2020-01-01 00:00:00 UTC\"",
                                        "expiration_date = \"2021-01-01 00:00:00 UTC\""),
                                true,
                                false),
                        new Ends.Context(""));
        assertEquals(
                "TLS with the peer failed: its certificate 'CN=disks.example' has expired on"
                        + " 2021-01-01T00:00:00Z",
                clientRefuses(expired, credentials(Endpoint.CLIENT, client), "disks.example"));
    }

    @Test
    void clientWithoutCheckTakesAnyServerAndDoesNotNameIt() throws Exception {
        TlsCredentials careless = credentials(Endpoint.CLIENT, authority.client("x"), false);
        Path theirs = stranger.server("disks.example");
        TlsCredentials other = credentials(Endpoint.SERVER, theirs, false);
        assertEquals("", assertTalk(other, careless, "nobody.example").peerIdentity());
    }

    @Test
    void clientWithoutCertificateIsRefused() throws Exception {
        assertEquals(
                "The peer has sent no certificate, and verify-peer is on",
                serverRefuses(credentials(Endpoint.CLIENT, authority.nobody())));
    }

    @Test
    void serverWithoutCheckAsksForNoCertificate() throws Exception {
        Path alone = authority.server("disks.example");
        Files.delete(alone.resolve("ca-cert.pem"));
        TlsCredentials open = credentials(Endpoint.SERVER, alone, false);
        try (Ends ends = Ends.connect()) {
            CompletableFuture<TlsChannel> theirs = ends.server(open);
            result(ends.client(credentials(Endpoint.CLIENT, client), "disks.example"));
            assertEquals("", result(theirs).peerIdentity());
        }
    }

    @Test
    void clientOfAnotherAuthorityIsRefused() throws Exception {
        Path mixed = stranger.client("spy");
        Files.copy(
                server.resolve("ca-cert.pem"),
                Files.createDirectories(mixed).resolve("ca-cert.pem"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        // JSSE does not send a certificate of which the server has not asked for the authority.
        assertEquals(
                "The peer has sent no certificate, and verify-peer is on",
                serverRefuses(credentials(Endpoint.CLIENT, mixed)));
    }

    @Test
    void clientWithAServersCertificateIsRefused() throws Exception {
        Path wrong = authority.server("disks.example");
        Files.move(wrong.resolve("server-cert.pem"), wrong.resolve("client-cert.pem"));
        Files.move(wrong.resolve("server-key.pem"), wrong.resolve("client-key.pem"));
        TlsCredentials misused =
                Ends.create(
                        Ends.options(Endpoint.CLIENT, wrong, true, false), new Ends.Context(""));
        String message = serverRefuses(misused);
        assertTrue(message.contains("Extended key usage"), message);
    }

    @Test
    void revokedClientIsRefusedAndOthersAreNot() throws Exception {
        Path revoked = authority.client("lost");
        Path careful = authority.server("disks.example");
        authority.revoke(revoked, careful);
        TlsCredentials mine = credentials(Endpoint.SERVER, careful);
        assertTalk(mine, credentials(Endpoint.CLIENT, client), "disks.example");
        assertEquals(
                "TLS with the peer failed: its certificate 'CN=lost' has been revoked",
                serverRefuses(mine, credentials(Endpoint.CLIENT, revoked)));
    }

    @Test
    void outdatedListOfRevocationsRefusesClients() throws Exception {
        Path careful = authority.server("disks.example");
        authority.revoke(
                authority.client("lost"),
                careful,
                "crl_this_update_date = \"2020-01-01 00:00:00 UTC\"",
                "crl_next_update_date = \"2021-01-01 00:00:00 UTC\"");
        TlsCredentials mine =
                Ends.create(
                        Ends.options(Endpoint.SERVER, careful, true, false), new Ends.Context(""));
        assertEquals(
                "TLS with the peer failed: the revocation list of 'CN=Known' is out of date since"
                        + " 2021-01-01T00:00:00Z; put a new one into ca-crl.pem",
                serverRefuses(mine, credentials(Endpoint.CLIENT, client)));
    }

    @Test
    void refusedPeerIsToldByAnAlert() throws Exception {
        Path revoked = authority.client("lost");
        Path careful = authority.server("disks.example");
        authority.revoke(revoked, careful);
        try (Ends ends = Ends.connect()) {
            CompletableFuture<TlsChannel> theirs =
                    ends.server(credentials(Endpoint.SERVER, careful));
            TlsChannel mine = result(ends.client(credentials(Endpoint.CLIENT, revoked), ""));
            assertThrows(IOException.class, () -> result(theirs));
            IOException told =
                    assertThrows(IOException.class, () -> mine.read(ByteBuffer.allocate(1)));
            assertEquals(
                    "The peer has ended TLS with the alert 'certificate_unknown'",
                    told.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.0\r\n\r\n",
                "NBDMAGICIHAVEOPT\0\0\0\3",
                "\u0016\u0003\u0003\0\4\2\0\0\0"
            })
    void peerThatDoesNotSpeakTlsIsRefused(String text) throws Exception {
        try (Ends ends = Ends.connect()) {
            CompletableFuture<TlsChannel> mine = ends.server(credentials(Endpoint.SERVER, server));
            write(ends.clientSocket, text);
            IOException e = assertThrows(IOException.class, () -> result(mine));
            assertTrue(
                    e.getMessage().matches("The peer does not speak TLS|TLS with .*"),
                    e::getMessage);
            assertTrue(ends.serverSocket.isOpen());
        }
    }

    @Test
    void serverThatDoesNotSpeakTlsIsRefused() throws Exception {
        try (Ends ends = Ends.connect()) {
            CompletableFuture<TlsChannel> mine =
                    ends.client(credentials(Endpoint.CLIENT, client), "");
            write(ends.serverSocket, "NBDMAGICIHAVEOPT");
            IOException e = assertThrows(IOException.class, () -> result(mine));
            assertEquals("The peer does not speak TLS", e.getMessage());
        }
    }

    @Test
    void peerThatLeavesDuringTheHandshakeEndsIt() throws Exception {
        try (Ends ends = Ends.connect()) {
            CompletableFuture<TlsChannel> mine = ends.server(credentials(Endpoint.SERVER, server));
            write(ends.clientSocket, "\u0016\u0003\u0001");
            ends.clientSocket.close();
            IOException e = assertThrows(IOException.class, () -> result(mine));
            assertTrue(e.getMessage().startsWith("The peer ended the connection"), e::getMessage);
        }
    }

    @Test
    void closingTheChannelEndsAHandshakeThatWaits() throws Exception {
        try (Ends ends = Ends.connect()) {
            CompletableFuture<TlsChannel> mine = ends.server(credentials(Endpoint.SERVER, server));
            write(ends.clientSocket, "\u0016");
            ends.serverSocket.close();
            assertThrows(IOException.class, () -> result(mine));
        }
    }

    /** Sends a byte from the server, and gives the client's end. */
    private static TlsChannel assertTalk(TlsCredentials server, TlsCredentials client, String name)
            throws Exception {
        try (Ends ends = Ends.connect()) {
            CompletableFuture<TlsChannel> theirs = ends.server(server);
            TlsChannel mine = result(ends.client(client, name));
            result(theirs).write(ByteBuffer.wrap(new byte[] {42}));
            ByteBuffer got = ByteBuffer.allocate(1);
            assertEquals(1, mine.read(got));
            assertEquals(42, got.get(0));
            return mine;
        }
    }

    private static String clientRefuses(TlsCredentials server, TlsCredentials client, String name)
            throws Exception {
        try (Ends ends = Ends.connect()) {
            CompletableFuture<TlsChannel> theirs = ends.server(server);
            CompletableFuture<TlsChannel> mine = ends.client(client, name);
            IOException e = assertThrows(IOException.class, () -> result(mine));
            ends.clientSocket.close();
            assertThrows(IOException.class, () -> result(theirs));
            return e.getMessage();
        }
    }

    private static String serverRefuses(TlsCredentials client) throws Exception {
        return serverRefuses(credentials(Endpoint.SERVER, server), client);
    }

    private static String serverRefuses(TlsCredentials server, TlsCredentials client)
            throws Exception {
        try (Ends ends = Ends.connect()) {
            CompletableFuture<TlsChannel> mine = ends.server(server);
            ends.client(client, "");
            return assertThrows(IOException.class, () -> result(mine)).getMessage();
        }
    }

    private static void write(SocketChannel socket, String text) throws IOException {
        socket.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }
}
