package io.diskport.nbd.server;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.Handover;
import io.diskport.api.object.Authorization;
import io.diskport.api.object.BlockObject;
import io.diskport.api.object.ObjectContext;
import io.diskport.api.object.TlsChannel;
import io.diskport.api.object.TlsCredentials;
import io.diskport.nbd.protocol.NbdUri;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A listener, and the exports that it offers. An object of type nbd-server. */
final class NbdServer implements BlockObject {
    /** More handshakes at once than this drop the oldest: a client that is in earnest is faster. */
    private static final int MOST_HANDSHAKES = 64;

    private static final long MOST_BUFFERED = 256L << 20;
    private static final String FORMAT = "nbd-server";
    private static final int MAJOR = 1;
    private static final long SUSPEND_MILLIS = 2000;
    private static final long CLOSE_MILLIS = 1000;

    private final ObjectContext context;
    private final NbdServerOptions options;
    private final Optional<TlsCredentials> credentials;
    private final Optional<Authorization> authorization;
    private final ServerSocketChannel channel;
    private final Optional<SocketFile> file;
    private final Listener listener;
    private final ExportTable exports = new ExportTable();
    private final Buffers buffers = new Buffers(MOST_BUFFERED);
    private final Set<Connection> handshakes = ConcurrentHashMap.newKeySet();
    private final Set<Connection> clients = ConcurrentHashMap.newKeySet();
    private int seats;

    private NbdServer(
            ObjectContext context,
            NbdServerOptions options,
            Optional<TlsCredentials> credentials,
            Optional<Authorization> authorization,
            ServerSocketChannel channel)
            throws IOException {
        this.context = context;
        this.options = options;
        this.credentials = credentials;
        this.authorization = authorization;
        this.channel = channel;
        this.file = SocketFile.of(options.addr());
        this.listener = new Listener(this, channel);
    }

    /** A server that listens, or goes on where the driver's version before has stopped. */
    static NbdServer start(ObjectContext context, NbdServerOptions options) throws BlockException {
        Optional<TlsCredentials> credentials = Optional.empty();
        if (options.tlsCreds().isPresent()) {
            credentials = Optional.of(context.object(options.tlsCreds().get()));
            if (credentials.get().endpoint() != TlsCredentials.Endpoint.SERVER) {
                throw new BlockException(
                        Reason.INVALID,
                        "Option 'tls-creds' names '"
                                + options.tlsCreds().get().id()
                                + "', whose credentials are for a client; give that object"
                                + " endpoint=server");
            }
        }
        Optional<Authorization> authorization = Optional.empty();
        if (options.tlsAuthz().isPresent()) {
            authorization = Optional.of(context.object(options.tlsAuthz().get()));
        }
        Optional<LeftServer> left =
                context.handover().flatMap(found -> LeftServer.read(found, options, context.log()));
        ServerSocketChannel socket =
                left.isPresent() ? left.get().socket() : Sockets.listen(options.addr());
        NbdServer server = null;
        try {
            server = new NbdServer(context, options, credentials, authorization, socket);
        } catch (IOException e) {
            throw new BlockException(
                    Reason.FAILED, "Failed to listen on '" + options.addr() + "': " + e, e);
        } finally {
            if (server == null) {
                close(socket, options, context);
            }
        }
        if (left.isPresent()) {
            left.get().names().forEach(server.exports::hold);
            for (Map<?, ?> handshake : left.get().handshakes()) {
                server.goOn(handshake);
            }
        }
        server.listener.start();
        return server;
    }

    /** An inherited socket stays open: Java would close standard error with it. */
    private static void close(
            ServerSocketChannel socket, NbdServerOptions options, ObjectContext context) {
        if (options.addr() instanceof NbdAddress.Inherited) {
            return;
        }
        try {
            socket.close();
        } catch (IOException e) {
            context.log().log(Level.DEBUG, "closing a socket", e);
        }
    }

    /** What one version leaves to the next. */
    private record LeftServer(
            ServerSocketChannel socket, List<String> names, List<Map<?, ?>> handshakes) {
        static Optional<LeftServer> read(
                Handover left, NbdServerOptions options, System.Logger log) {
            boolean known = left.is(FORMAT, MAJOR);
            if (known && options.addr().toString().equals(left.state().get("address"))) {
                List<Map<?, ?>> handshakes = new ArrayList<>();
                ((List<?>) left.state().get("handshakes"))
                        .forEach(saved -> handshakes.add((Map<?, ?>) saved));
                List<String> names = new ArrayList<>();
                ((List<?>) left.state().get("names")).forEach(name -> names.add((String) name));
                return Optional.of(
                        new LeftServer(
                                (ServerSocketChannel) left.state().get("socket"),
                                names,
                                handshakes));
            }
            log.log(
                    Level.WARNING,
                    known
                            ? "Listens anew: its address is another now"
                            : "Listens anew: this version does not know " + left.format());
            Closing.all(left.state(), log);
            return Optional.empty();
        }
    }

    private void goOn(Map<?, ?> saved) {
        try {
            Connection connection = new Connection(this, LeftHandshake.channel(saved));
            handshakes.add(connection);
            connection.start(LeftHandshake.state(saved), LeftHandshake.input(saved));
        } catch (IOException e) {
            log().log(Level.WARNING, "A client in its handshake is lost", e);
            Closing.all(saved, log());
        }
    }

    @Override
    public Optional<Handover> suspend() {
        ServerSocketChannel socket = listener.stop();
        List<Connection> open = List.copyOf(handshakes);
        open.forEach(Connection::suspend);
        List<Map<String, Object>> saved = new ArrayList<>();
        for (Connection connection : open) {
            if (awaitEnd(connection, SUSPEND_MILLIS)) {
                connection.takeLeft().ifPresent(saved::add);
            } else {
                connection.close();
            }
        }
        Map<String, Object> state = new HashMap<>();
        state.put("socket", socket);
        state.put("address", options.addr().toString());
        state.put("names", exports.held());
        state.put("handshakes", saved);
        // If nobody goes on; whoever does forgets it.
        file.ifPresent(path -> state.put("file", (AutoCloseable) path::remove));
        return Optional.of(new Handover(FORMAT, MAJOR, state));
    }

    static boolean awaitEnd(Connection connection, long millis) {
        try {
            return connection.awaitEnd(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        ServerSocketChannel socket = listener.stop();
        close(socket, options, context);
        try {
            if (file.isPresent()) {
                file.get().remove();
            }
        } catch (IOException e) {
            log().log(Level.WARNING, "The socket's file stays", e);
        }
        List<Connection> open = List.copyOf(handshakes);
        open.forEach(Connection::close);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_MILLIS);
        for (Connection connection : open) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            awaitEnd(connection, Math.max(1, left));
        }
    }

    @Override
    public Map<String, String> info() {
        Map<String, String> info = new LinkedHashMap<>();
        info.put("address", uri("").toString());
        info.put("exports", Integer.toString(exports.size()));
        info.put("clients", clients.size() + " of " + limit());
        info.put("in handshake", Integer.toString(handshakes.size()));
        info.put("buffered", Long.toString(buffers.used()));
        info.put("tls", credentials.isEmpty() ? "off" : insistsOnTls() ? "required" : "offered");
        return info;
    }

    private String limit() {
        return options.maxConnections() == 0 ? "any" : Integer.toString(options.maxConnections());
    }

    /** Where clients on this machine find an export. */
    NbdUri uri(String exportName) {
        boolean tls = credentials.isPresent();
        try {
            SocketAddress address = channel.getLocalAddress();
            if (address instanceof UnixDomainSocketAddress unix) {
                return new NbdUri(
                        tls,
                        Optional.of(unix.getPath().toAbsolutePath()),
                        "",
                        io.diskport.nbd.protocol.Nbd.DEFAULT_PORT,
                        exportName);
            }
            if (address instanceof InetSocketAddress inet) {
                return new NbdUri(
                        tls,
                        Optional.empty(),
                        Sockets.hostToShow(inet.getAddress()),
                        inet.getPort(),
                        exportName);
            }
        } catch (IOException e) {
            log().log(Level.DEBUG, "the address of a socket", e);
        }
        return new NbdUri(
                tls,
                Optional.empty(),
                "localhost",
                io.diskport.nbd.protocol.Nbd.DEFAULT_PORT,
                exportName);
    }

    String id() {
        return context.id();
    }

    System.Logger log() {
        return context.log();
    }

    ExportTable exports() {
        return exports;
    }

    Buffers buffers() {
        return buffers;
    }

    boolean insistsOnTls() {
        return credentials.isPresent() && options.tlsRequired();
    }

    boolean offersTls() {
        return credentials.isPresent();
    }

    /** Whether one client may have several connections. */
    boolean allowsSeveralConnections() {
        return options.maxConnections() != 1;
    }

    /** Secures a connection, and lets in who is allowed. */
    TlsChannel secure(SocketChannel accepted) throws IOException {
        TlsChannel secured = credentials.orElseThrow().secure(accepted, "");
        if (authorization.isPresent() && !authorization.get().allows(secured.peerIdentity())) {
            secured.close();
            throw new IOException(
                    "'"
                            + secured.peerIdentity()
                            + "' is not let in by '"
                            + options.tlsAuthz().orElseThrow().id()
                            + "'");
        }
        return secured;
    }

    // Connections

    /** Whether another connection is to be accepted now; others wait in the socket's queue. */
    synchronized boolean hasRoom() {
        return seats < options.connections();
    }

    void accepted(SocketChannel accepted) throws IOException {
        if (handshakes.size() >= MOST_HANDSHAKES) {
            handshakes.stream()
                    .min(Comparator.comparingLong(Connection::begun))
                    .ifPresent(Connection::close);
        }
        Connection connection = null;
        try {
            if (accepted.getLocalAddress() instanceof InetSocketAddress) {
                accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
                accepted.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            }
            connection = new Connection(this, accepted);
        } finally {
            if (connection == null) {
                accepted.close();
            }
        }
        handshakes.add(connection);
        connection.start(new HandshakeState(), new byte[0]);
    }

    /** Takes a seat for a client that has chosen an export. */
    void claim() throws BlockException {
        synchronized (this) {
            if (seats < options.connections()) {
                seats++;
                return;
            }
        }
        throw new BlockException(
                Reason.IN_USE,
                "this server takes " + options.maxConnections() + " clients at once");
    }

    /** Takes a seat for a client that had one of the driver's version before. */
    synchronized void claimAgain() {
        seats++;
    }

    /** A client has left its seat. */
    void left() {
        synchronized (this) {
            seats--;
        }
        listener.look();
    }

    void chosen(Connection connection) {
        clients.add(connection);
        handshakes.remove(connection);
    }

    void ended(Connection connection) {
        handshakes.remove(connection);
        clients.remove(connection);
    }

    boolean hasDeadlines() {
        return !handshakes.isEmpty() || !options.idleTimeout().isZero();
    }

    void enforceDeadlines() {
        long now = System.nanoTime();
        long handshake = options.handshakeTimeout().toNanos();
        for (Connection connection : handshakes) {
            if (now - connection.begun() > handshake) {
                log().log(
                                Level.INFO,
                                "Client {0} is dropped: it has chosen no export in {1} s",
                                connection.peer(),
                                options.handshakeTimeout().toSeconds());
                connection.close();
            }
        }
        long idle = options.idleTimeout().toNanos();
        for (Connection connection : clients) {
            long since = connection.silentSince();
            if (idle > 0 && since != 0 && now - since > idle) {
                log().log(
                                Level.INFO,
                                "Client {0} is dropped: it was silent for {1} s",
                                connection.peer(),
                                options.idleTimeout().toSeconds());
                connection.close();
            }
        }
    }
}
