package io.diskport.nbd.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.diskport.api.BlockException.Reason;
import io.diskport.api.node.BlockNode;
import io.diskport.api.object.TlsChannel;
import io.diskport.api.object.TlsCredentials;
import io.diskport.nbd.protocol.Nbd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a node does with credentials; here they are a toy that turns bits around. */
class TlsTest extends NodeTests {
    private static final int SIZE = 1 << 20;

    /** Every bit is another on its way. */
    private record Inverted(ByteChannel below) implements TlsChannel {
        @Override
        public int read(ByteBuffer destination) throws IOException {
            int start = destination.position();
            int n = below.read(destination);
            for (int i = start; i < destination.position(); i++) {
                destination.put(i, (byte) ~destination.get(i));
            }
            return n;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            int n = source.remaining();
            ByteBuffer inverted = ByteBuffer.allocate(n);
            while (source.hasRemaining()) {
                inverted.put((byte) ~source.get());
            }
            inverted.flip();
            while (inverted.hasRemaining()) {
                below.write(inverted);
            }
            return n;
        }

        @Override
        public boolean isOpen() {
            return below.isOpen();
        }

        @Override
        public void close() throws IOException {
            below.close();
        }

        @Override
        public String peerIdentity() {
            return "";
        }

        @Override
        public String session() {
            return "bits turned around";
        }
    }

    private final AtomicReference<String> asked = new AtomicReference<>();

    private TestContext context(TlsCredentials.Endpoint endpoint, boolean trusts) {
        TestContext context = TestContext.writable();
        context.objects.put(
                "creds",
                new TlsCredentials() {
                    @Override
                    public Endpoint endpoint() {
                        return endpoint;
                    }

                    @Override
                    public TlsChannel secure(ByteChannel channel, String peerName)
                            throws IOException {
                        asked.set(peerName);
                        if (!trusts) {
                            throw new IOException("the certificate is for somebody else");
                        }
                        return new Inverted(channel);
                    }
                });
        return context;
    }

    /** A server that talks of nothing but TLS before all is secured. */
    private MiniServer secured() throws IOException {
        byte[] disk = new byte[SIZE];
        return server(
                c -> {
                    c.greet(Nbd.FLAG_FIXED_NEWSTYLE | Nbd.FLAG_NO_ZEROES);
                    if (c.option().option() != Nbd.OPT_STARTTLS) {
                        throw new AssertionError("something is asked for in the clear");
                    }
                    c.reply(Nbd.OPT_STARTTLS, Nbd.REP_ACK);
                    c.secure(Inverted::new);
                    c.haggle(Dialect.SIMPLE, SIZE, 0);
                    while (true) {
                        var request = c.next();
                        int from = (int) request.offset();
                        int to = from + (int) request.length();
                        if (request.type() == Nbd.CMD_WRITE) {
                            System.arraycopy(request.payload(), 0, disk, from, to - from);
                            c.simple(request.cookie(), 0);
                        } else {
                            c.simple(request.cookie(), 0, Arrays.copyOfRange(disk, from, to));
                        }
                    }
                });
    }

    @Test
    void everythingButTheGreetingIsSecured() throws Exception {
        MiniServer server = secured();
        BlockNode node =
                open(context(TlsCredentials.Endpoint.CLIENT, true), server.options().tls("creds"));
        byte[] data = random(500_000, 1);
        node.write(5, 0, ByteBuffer.allocateDirect(data.length).put(data).flip());
        assertArrayEquals(data, read(node, 5, data.length));
        assertEquals("bits turned around", node.info().get("tls"));
        assertSays(node.info().get("server"), "nbds+unix:///disk");
        assertEquals("", asked.get());
        assertNull(server.failure());
    }

    @Test
    void theCertificateIsForTheHostOrWhatTheOptionSays() throws Exception {
        int port = ServerProcess.freePort();
        later(ServerProcess.nbdkitTcp(folder.resolve("tcp"), port, "null", "1M"));
        // nbdkit without certificates does not offer TLS, which is found out before
        NbdNodeOptions plain = TestOptions.uri("nbd://127.0.0.1:" + port).tls("creds").get();
        assertSays(
                refused(
                        () ->
                                new NbdNodeDriver()
                                        .open(context(TlsCredentials.Endpoint.CLIENT, true), plain),
                        Reason.UNSUPPORTED),
                "'nbds://127.0.0.1:" + port + "': the server does not offer TLS");
        assertNull(asked.get());

        MiniServer server = secured();
        NbdNodeOptions unix = server.options().tls("creds").get();
        NbdNodeOptions named =
                new NbdNodeOptions(
                        unix.uri(),
                        unix.server(),
                        unix.export(),
                        unix.tlsCreds(),
                        Optional.of("disks.example"),
                        unix.reconnectDelay(),
                        unix.openTimeout(),
                        1);
        later(new NbdNodeDriver().open(context(TlsCredentials.Endpoint.CLIENT, true), named));
        assertEquals("disks.example", asked.get());
    }

    @Test
    void whoCannotBeTrustedIsNotTalkedTo() throws Exception {
        MiniServer server = secured();
        assertSays(
                refused(
                        () ->
                                open(
                                        context(TlsCredentials.Endpoint.CLIENT, false),
                                        server.options().tls("creds")),
                        Reason.FAILED),
                "TLS: the certificate is for somebody else");
    }

    @Test
    void credentialsOfAServerAreRefused() {
        assertSays(
                refused(
                        () ->
                                open(
                                        context(TlsCredentials.Endpoint.SERVER, true),
                                        TestOptions.uri("nbds://localhost").tls("creds")),
                        Reason.INVALID),
                "'creds'",
                "endpoint=client");
    }

    @Test
    void whatSomebodySlippedInBeforeTlsIsNotRead() throws Exception {
        MiniServer server =
                server(
                        c -> {
                            c.greet(Nbd.FLAG_FIXED_NEWSTYLE);
                            c.option();
                            c.send(
                                    out -> {
                                        for (int i = 0; i < 2; i++) {
                                            out.writeLong(Nbd.REP_MAGIC);
                                            out.writeInt(Nbd.OPT_STARTTLS);
                                            out.writeInt(Nbd.REP_ACK);
                                            out.writeInt(0);
                                        }
                                    });
                            c.awaitEnd();
                        });
        assertSays(
                refused(
                        () ->
                                open(
                                        context(TlsCredentials.Endpoint.CLIENT, true),
                                        server.options().tls("creds")),
                        Reason.FAILED),
                "more follows the acknowledgement of TLS");
        assertNull(asked.get());
    }
}
