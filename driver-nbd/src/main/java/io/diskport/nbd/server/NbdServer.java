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
import io.diskport.support.Closing;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A listener, and the exports that it offers. An object of type nbd-server. */
final class NbdServer implements BlockObject {
    private static final long MOST_BUFFERED = 256L << 20;
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
    private final Buffers buffers = new Buffers(MOST_BUFFERED, this::dropStalled);
    private final Connections connections;

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
        this.connections = new Connections(this, options);
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
                left.ifPresent(found -> Closing.all(found.handshakes(), context.log()));
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

    private void goOn(Map<?, ?> saved) {
        try {
            Connection connection = new Connection(this, LeftHandshake.channel(saved));
            connections.begin(connection);
            connection.start(LeftHandshake.state(saved), LeftHandshake.input(saved));
        } catch (IOException | OutOfMemoryError e) {
            log().log(Level.WARNING, "A client in its handshake is lost", e);
            Closing.all(saved, log());
        }
    }

    @Override
    public Optional<Handover> suspend() {
        ServerSocketChannel socket = listener.stop();
        List<Connection> open = connections.handshakes();
        open.forEach(Connection::suspend);
        List<Map<String, Object>> saved = new ArrayList<>();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SUSPEND_MILLIS);
        for (Connection connection : open) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (awaitEnd(connection, Math.max(1, left))) {
                connection.takeLeft().ifPresent(saved::add);
            } else {
                connection.close();
            }
        }
        return Optional.of(
                LeftServer.save(socket, options.addr().toString(), exports.held(), saved, file));
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
        List<Connection> open = connections.handshakes();
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
        info.put("clients", connections.clients() + " of " + limit());
        info.put("in handshake", Integer.toString(connections.handshakes().size()));
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

    /** Its connections. */
    Connections connections() {
        return connections;
    }

    private void dropStalled() {
        connections.dropStalled();
    }

    /** There may be room for another client now. */
    void look() {
        listener.look();
    }
}
