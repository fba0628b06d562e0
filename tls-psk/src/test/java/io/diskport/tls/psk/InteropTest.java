package io.diskport.tls.psk;

import static io.diskport.tls.psk.Ends.result;
import static io.diskport.tls.psk.Ends.start;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.diskport.api.object.TlsChannel;
import io.diskport.api.object.TlsCredentials;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each end with the programs of GnuTLS, libnbd and nbdkit at the other. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InteropTest {
    private static final String TLS12 = "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:";
    private static final String TLS13 = "NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:";

    @TempDir Path folder;

    private Path keys;

    /** What the server does with the connection that it accepts, over TLS or before it. */
    private interface Talk {
        void talk(ByteChannel channel) throws IOException;
    }

    @BeforeEach
    void makeKeys() throws Exception {
        Require.tool("psktool", "gnutls-bin");
        keys = Files.createDirectory(folder.resolve("psk"));
        Program.run(keys, "psktool", "-u", "alice", "-p", "keys.psk");
        Program.run(keys, "psktool", "-u", "qemu", "-p", "keys.psk");
    }

    @ParameterizedTest
    @CsvSource({
        TLS13 + "+ECDHE-PSK:+DHE-PSK:+PSK,TLSv1.3 TLS_AES_128_GCM_SHA256",
        TLS13 + "+ECDHE-PSK:-AES-128-GCM,TLSv1.3 TLS_CHACHA20_POLY1305_SHA256",
        TLS12 + "+PSK,TLSv1.2 TLS_PSK_WITH_AES_128_GCM_SHA256"
    })
    void gnutlsConnects(String priority, String session) throws Exception {
        try (ServerSocketChannel listener = listen()) {
            CompletableFuture<TlsChannel> server = accept(listener, channel -> {}, this::echo);
            try (Program client = gnutls(listener, "alice", key("alice"), priority)) {
                client.type("hello\n");
                client.waitFor("hello");
            }
            assertEquals("alice", result(server).peerIdentity());
            assertEquals(session, result(server).session());
        }
    }

    // Of TLS 1.2, gnutls-cli 3.7 does PSK alone: with an exchange beside it, it ends by a signal.
    @ParameterizedTest
    @CsvSource({
        "1_3,TLS_AES_128_GCM_SHA256,TLSv1.3 TLS_AES_128_GCM_SHA256",
        "1_2,ECDHE-PSK-CHACHA20-POLY1305,TLSv1.2 TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256",
        "1_2,DHE-PSK-AES128-GCM-SHA256,TLSv1.2 TLS_DHE_PSK_WITH_AES_128_GCM_SHA256",
        "1_2,DHE-PSK-AES256-GCM-SHA384,TLSv1.2 TLS_DHE_PSK_WITH_AES_256_GCM_SHA384",
        "1_2,PSK-AES256-GCM-SHA384,TLSv1.2 TLS_PSK_WITH_AES_256_GCM_SHA384"
    })
    void opensslConnects(String version, String cipher, String session) throws Exception {
        Require.tool("openssl", "openssl");
        try (ServerSocketChannel listener = listen()) {
            CompletableFuture<TlsChannel> server = accept(listener, channel -> {}, this::echo);
            String ciphers = "1_3".equals(version) ? "-ciphersuites " : "-cipher ";
            try (Program client =
                    Program.start(
                            folder,
                            ("openssl s_client -connect 127.0.0.1:"
                                            + port(listener)
                                            + " -psk_identity alice -psk "
                                            + key("alice")
                                            + " -tls"
                                            + version
                                            + ' '
                                            + ciphers
                                            + cipher)
                                    .split(" "))) {
                client.type("hello\n");
                client.waitFor("hello");
            }
            assertEquals("alice", result(server).peerIdentity());
            assertEquals(session, result(server).session());
        }
    }

    @Test
    void keysAreUpdatedWhileConnected() throws Exception {
        try (ServerSocketChannel listener = listen()) {
            CompletableFuture<TlsChannel> server = accept(listener, channel -> {}, this::echo);
            String priority = TLS13 + "+ECDHE-PSK --inline-commands";
            try (Program client = gnutls(listener, "alice", key("alice"), priority)) {
                for (int i = 1; i <= 3; i++) {
                    client.type("^rekey^\n");
                    client.waitFor("Rekey was completed", i);
                    client.type("round " + i + "\n");
                    client.waitFor("round " + i);
                }
            }
            result(server);
        }
    }

    @ParameterizedTest
    @CsvSource({"1.2,alice", "1.3,alice", "1.2,malory", "1.3,malory"})
    void gnutlsWithAWrongKeyOrNameIsRefused(String version, String user) throws Exception {
        try (ServerSocketChannel listener = listen()) {
            CompletableFuture<TlsChannel> server = accept(listener, channel -> {}, this::echo);
            String priority = "NORMAL:-VERS-ALL:+VERS-TLS" + version + ":-KX-ALL:+ECDHE-PSK";
            try (Program client =
                    gnutls(listener, user, "000102030405060708090a0b0c0d0e0f", priority)) {
                IOException e = assertThrows(IOException.class, () -> result(server));
                assertEquals(
                        "alice".equals(user)
                                ? "The peer has another key for the user 'alice' than '"
                                        + keys.resolve("keys.psk")
                                        + "'"
                                : "'"
                                        + keys.resolve("keys.psk")
                                        + "' has no key of the user 'malory'",
                        e.getMessage());
                client.waitFor("1.2".equals(version) ? "Bad record MAC" : "Decrypt error");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"NORMAL", "NORMAL:-VERS-ALL:+VERS-TLS1.2"})
    void peerWithoutAKeyIsRefused(String priority) throws Exception {
        try (ServerSocketChannel listener = listen()) {
            CompletableFuture<TlsChannel> server = accept(listener, channel -> {}, this::echo);
            try (Program client =
                    Program.start(
                            folder,
                            "gnutls-cli",
                            "--insecure",
                            "--priority",
                            priority,
                            "-p",
                            port(listener),
                            "127.0.0.1")) {
                IOException e = assertThrows(IOException.class, () -> result(server));
                assertEquals(
                        "The peer offers no shared key, or none of the ciphers for one (PSK)",
                        e.getMessage());
                client.waitFor("Handshake failed");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                TLS13 + "+ECDHE-PSK:+DHE-PSK:+PSK",
                TLS12 + "+ECDHE-PSK",
                TLS12 + "+DHE-PSK",
                TLS12 + "+PSK"
            })
    void gnutlsAccepts(String priority) throws Exception {
        int port = freePort();
        try (Program server =
                Program.start(
                        keys,
                        "gnutls-serv",
                        "--echo",
                        "--pskpasswd",
                        "keys.psk",
                        "--port",
                        String.valueOf(port),
                        "--priority",
                        priority)) {
            server.waitFor("listening on IPv4");
            try (TlsChannel channel = connect(port, Ends.client(keys, "alice"))) {
                channel.write(ByteBuffer.wrap("hello\n".getBytes(StandardCharsets.US_ASCII)));
                ByteBuffer answer = ByteBuffer.allocate(100);
                result(start(() -> channel.read(answer)));
                assertEquals("hello\n", new String(answer.array(), 0, answer.position()));
            }
            assertEquals(
                    "The server has another key for the user 'alice', or none",
                    refusal(port, Ends.client(Ends.keys(folder, "alice:00"), "alice")));
        }
    }

    @Test
    void serverWithACertificateOnlyIsRefused() throws Exception {
        Require.tool("openssl", "openssl");
        Program.run(
                folder,
                ("openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x -keyout k.pem -out c.pem")
                        .split(" "));
        int port = freePort();
        try (Program server =
                Program.start(
                        folder,
                        "gnutls-serv",
                        "--echo",
                        "--x509certfile",
                        "c.pem",
                        "--x509keyfile",
                        "k.pem",
                        "--port",
                        String.valueOf(port))) {
            server.waitFor("listening on IPv4");
            assertEquals(
                    "The server does not use shared keys (PSK)",
                    refusal(port, Ends.client(keys, "alice")));
        }
    }

    @Test
    void nbdinfoConnects() throws Exception {
        Require.tool("nbdinfo", "libnbd-bin");
        try (ServerSocketChannel listener = listen()) {
            CompletableFuture<TlsChannel> server =
                    accept(listener, Nbd::offerTls, channel -> Nbd.serve(channel, 12345678));
            String said =
                    Program.run(
                            folder,
                            "nbdinfo",
                            "--size",
                            "nbds://alice@127.0.0.1:"
                                    + port(listener)
                                    + "/?tls-psk-file="
                                    + keys.resolve("keys.psk"));
            assertEquals("12345678", said);
            assertEquals("alice", result(server).peerIdentity());
        }
    }

    @Test
    void nbdkitAccepts() throws Exception {
        Require.tool("nbdkit", "nbdkit");
        Path socket = folder.resolve("socket");
        Path ready = folder.resolve("pid");
        try (Program server =
                        Program.start(
                                folder,
                                "nbdkit",
                                "--foreground",
                                "--exit-with-parent",
                                "--tls=require",
                                "--tls-psk=" + keys.resolve("keys.psk"),
                                "--unix=" + socket,
                                "--pidfile=" + ready,
                                "null",
                                "size=7654321");
                SocketChannel connection = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            long deadline = System.nanoTime() + 30_000_000_000L;
            while (!Files.exists(ready) && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            connection.connect(UnixDomainSocketAddress.of(socket));
            Nbd.askForTls(connection);
            try (TlsChannel channel =
                    result(start(() -> Ends.client(keys, "alice").secure(connection, "")))) {
                assertEquals(7654321, result(start(() -> Nbd.askForSize(channel))));
            }
            assertEquals("", server.said());
        }
    }

    private CompletableFuture<TlsChannel> accept(
            ServerSocketChannel listener, Talk before, Talk after) throws Exception {
        TlsCredentials credentials = Ends.server(keys);
        return start(
                () -> {
                    try (SocketChannel socket = listener.accept()) {
                        before.talk(socket);
                        TlsChannel channel = credentials.secure(socket, "");
                        after.talk(channel);
                        channel.close();
                        return channel;
                    }
                });
    }

    private void echo(ByteChannel channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1000);
        while (channel.read(buffer.clear()) >= 0) {
            channel.write(buffer.flip());
        }
    }

    private Program gnutls(ServerSocketChannel listener, String user, String key, String priority)
            throws IOException {
        return Program.start(
                folder,
                ("gnutls-cli --pskusername "
                                + user
                                + " --pskkey "
                                + key
                                + " -p "
                                + port(listener)
                                + " 127.0.0.1 --priority "
                                + priority)
                        .split(" "));
    }

    private String key(String user) throws IOException {
        return Files.readAllLines(keys.resolve("keys.psk")).stream()
                .filter(line -> line.startsWith(user + ":"))
                .map(line -> line.substring(user.length() + 1))
                .findFirst()
                .orElseThrow();
    }

    private static TlsChannel connect(int port, TlsCredentials credentials) throws Exception {
        SocketChannel socket =
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return result(start(() -> credentials.secure(socket, "")));
    }

    private static String refusal(int port, TlsCredentials credentials) {
        return assertThrows(IOException.class, () -> connect(port, credentials)).getMessage();
    }

    private static ServerSocketChannel listen() throws IOException {
        return ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private static String port(ServerSocketChannel listener) throws IOException {
        return String.valueOf(((InetSocketAddress) listener.getLocalAddress()).getPort());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
