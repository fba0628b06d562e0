package io.diskport.tls.x509;

import static io.diskport.tls.x509.Ends.credentials;
import static io.diskport.tls.x509.Ends.result;
import static io.diskport.tls.x509.Ends.start;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.diskport.api.object.TlsChannel;
import io.diskport.api.object.TlsCredentials.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each end with the programs of OpenSSL and GnuTLS at the other. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InteropTest {
    private static final String NAME = "disks";

    @TempDir static Path folder;

    private static Path serverFiles;
    private static Path clientFiles;

    @BeforeAll
    static void makeCertificates() throws Exception {
        Certificates.require();
        Certificates authority = new Certificates(folder, "CA");
        serverFiles = authority.server(NAME, "dns_name = \"" + NAME + "\"");
        clientFiles = authority.client("laptop");
    }

    @ParameterizedTest
    @CsvSource({"-tls1_2,TLSv1.2", "-tls1_3,TLSv1.3"})
    void opensslConnects(String option, String version) throws Exception {
        try (Echo echo = new Echo();
                Program client = openssl(echo.port(), option)) {
            TlsChannel channel = result(echo.channel);
            assertEquals("CN=laptop", channel.peerIdentity());
            assertEquals(version, channel.session().split(" ")[0]);
            client.waitFor("Verification: OK");
            client.type("hello\n");
            client.waitFor("hello");
            client.type("Q\n");
            assertEquals(0, client.status());
            assertEquals("end", result(echo.end));
        }
    }

    @Test
    void keysAreUpdatedWhileConnected() throws Exception {
        try (Echo echo = new Echo();
                Program client =
                        gnutls(echo.port(), "NORMAL:-VERS-ALL:+VERS-TLS1.3 --inline-commands")) {
            for (int i = 1; i <= 3; i++) {
                client.type("^rekey^\n");
                client.waitFor("Rekey was completed", i);
                // The answer goes out with new keys too: a rekey asks for that.
                client.type("round " + i + "\n");
                client.waitFor("round " + i);
            }
        }
    }

    @Test
    void renegotiationIsRefused() throws Exception {
        try (Echo echo = new Echo();
                Program client = openssl(echo.port(), "-tls1_2")) {
            client.type("hello\n");
            client.waitFor("hello");
            client.type("R\n");
            IOException e = assertThrows(IOException.class, () -> result(echo.end));
            assertEquals(
                    "TLS with the peer failed: it wants to renegotiate, which is refused",
                    e.getMessage());
            client.status();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"NORMAL", "NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.3"})
    void gnutlsConnects(String priority) throws Exception {
        try (Echo echo = new Echo();
                Program client = gnutls(echo.port(), priority)) {
            assertEquals("CN=laptop", result(echo.channel).peerIdentity());
            client.type("hello\n");
            client.waitFor("hello");
        }
    }

    @Test
    void olderVersionsAreRefused() throws Exception {
        try (Echo echo = new Echo();
                Program client = gnutls(echo.port(), "NORMAL:-VERS-ALL:+VERS-TLS1.1")) {
            assertThrows(IOException.class, () -> result(echo.channel));
            client.waitFor("protocol version");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void opensslAccepts(String option) throws Exception {
        try (Program server =
                Program.start(
                        serverFiles,
                        ("openssl s_server -accept 127.0.0.1:0 -naccept 1 -CAfile ca-cert.pem -cert"
                                        + " server-cert.pem -key server-key.pem -Verify 2"
                                        + " -verify_return_error "
                                        + option)
                                .split(" "))) {
            server.waitFor("ACCEPT 127.0.0.1:");
            String[] words = server.said().split("ACCEPT 127.0.0.1:");
            try (TlsChannel channel = connect(Integer.parseInt(words[1].strip()))) {
                assertEquals("CN=disks", channel.peerIdentity());
                say(channel, "hello\n");
                server.waitFor("hello");
                server.type("back\n");
                assertEquals("back\n", hear(channel));
            }
            assertEquals(0, server.status());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.3"})
    void gnutlsAccepts(String priority) throws Exception {
        int port = freePort();
        try (Program server =
                Program.start(
                        serverFiles,
                        ("gnutls-serv --echo --require-client-cert --verify-client-cert --x509cafile"
                                        + " ca-cert.pem --x509certfile server-cert.pem --x509keyfile"
                                        + " server-key.pem --port "
                                        + port
                                        + " --priority "
                                        + priority)
                                .split(" "))) {
            server.waitFor("listening on IPv4");
            try (TlsChannel channel = connect(port)) {
                say(channel, "hello\n");
                assertEquals("hello\n", hear(channel));
            }
        }
    }

    private static Program openssl(int port, String option) throws IOException {
        return Program.start(
                clientFiles,
                ("openssl s_client -connect 127.0.0.1:"
                                + port
                                + " -CAfile ca-cert.pem -cert client-cert.pem -key client-key.pem"
                                + " -verify_return_error -verify_hostname disks "
                                + option)
                        .split(" "));
    }

    private static Program gnutls(int port, String priority) throws IOException {
        return Program.start(
                clientFiles,
                ("gnutls-cli --x509cafile ca-cert.pem --x509certfile client-cert.pem --x509keyfile"
                                + " client-key.pem --verify-hostname disks -p "
                                + port
                                + " --priority "
                                + priority
                                + " 127.0.0.1")
                        .split(" "));
    }

    private static TlsChannel connect(int port) throws Exception {
        SocketChannel socket =
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return result(start(() -> credentials(Endpoint.CLIENT, clientFiles).secure(socket, NAME)));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void say(TlsChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private static String hear(TlsChannel channel) throws Exception {
        ByteBuffer buffer = ByteBuffer.allocate(100);
        result(start(() -> channel.read(buffer)));
        return new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII);
    }

    /** A server that accepts one connection and says what it hears. */
    private static final class Echo implements AutoCloseable {
        final CompletableFuture<TlsChannel> channel;
        final CompletableFuture<String> end;
        private final ServerSocketChannel listener = ServerSocketChannel.open();
        private final List<SocketChannel> sockets = new ArrayList<>();

        Echo() throws IOException {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            channel = start(this::accept);
            end = start(this::talk);
        }

        int port() throws IOException {
            return ((InetSocketAddress) listener.getLocalAddress()).getPort();
        }

        private TlsChannel accept() throws Exception {
            SocketChannel socket = listener.accept();
            try {
                return credentials(Endpoint.SERVER, serverFiles).secure(socket, "");
            } catch (IOException e) {
                socket.close();
                throw e;
            } finally {
                synchronized (sockets) {
                    sockets.add(socket);
                }
            }
        }

        private String talk() throws Exception {
            try (TlsChannel accepted = channel.get()) {
                ByteBuffer buffer = ByteBuffer.allocate(1000);
                while (accepted.read(buffer.clear()) >= 0) {
                    accepted.write(buffer.flip());
                }
                return "end";
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
            synchronized (sockets) {
                for (SocketChannel socket : sockets) {
                    socket.close();
                }
            }
        }
    }
}
