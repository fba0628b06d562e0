package io.diskport.nbd.server;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.Handover;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.Client;
import io.diskport.api.export.ExportContext;
import io.diskport.api.export.ExportInfo;
import io.diskport.api.export.ShutdownMode;
import io.diskport.nbd.protocol.Nbd;
import io.diskport.support.Closing;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** One node, offered by one server under one name. */
final class NbdExport implements BlockExport {
    /** How long requests may take to come back from the node before the driver is replaced. */
    static final long SUSPEND_MILLIS = 4000;

    private static final String FORMAT = "nbd-export";
    private static final int MAJOR = 1;
    private static final long DELETE_MILLIS = 2000;

    private final ExportContext context;
    private final NbdExportOptions options;
    private final NbdServer server;
    private final String name;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private NbdExport(ExportContext context, NbdExportOptions options, NbdServer server) {
        this.context = context;
        this.options = options;
        this.server = server;
        this.name = options.name().orElse(context.backend().nodeName());
    }

    /** An export that is offered, with the clients that the driver's version before has left. */
    static NbdExport start(ExportContext context, NbdExportOptions options, NbdServer server)
            throws BlockException {
        NbdExport export = new NbdExport(context, options, server);
        Optional<Handover> left = context.handover();
        if (!server.exports().add(export.name, export)) {
            left.ifPresent(state -> Closing.all(state.state(), context.log()));
            throw new BlockException(
                    Reason.EXISTS,
                    "NBD server already has export named '"
                            + export.name
                            + "': give this one another name=, or another server= than '"
                            + server.id()
                            + "'");
        }
        left.ifPresent(export::goOn);
        return export;
    }

    private void goOn(Handover left) {
        if (!left.is(FORMAT, MAJOR)) {
            context.log().log(
                    Level.WARNING,
                    "Clients have to connect anew: this version does not know {0} {1}",
                    left.format(),
                    left.major());
            Closing.all(left.state(), context.log());
            return;
        }
        for (Object saved : (List<?>) left.state().get("connections")) {
            goOn((Map<?, ?>) saved);
        }
    }

    private void goOn(Map<?, ?> saved) {
        try {
            Connection connection = new Connection(server, LeftTransmission.channel(saved));
            server.connections().claimAgain();
            Seat seat;
            try {
                seat = admit(connection, LeftTransmission.agreement(saved));
            } catch (BlockException e) {
                server.connections().left();
                connection.close();
                throw e;
            }
            server.connections().chosen(connection);
            connection.goOn(seat, LeftTransmission.transmission(saved));
        } catch (IOException | BlockException | OutOfMemoryError e) {
            context.log().log(Level.WARNING, "A client is lost: " + e.getMessage(), e);
            Closing.all(saved, context.log());
        }
    }

    /** Lets a client in. */
    Seat admit(Connection connection, Agreement agreement) throws BlockException {
        Client client = context.client(connection.peer());
        client.detail("replies", agreement.reply().name().toLowerCase(java.util.Locale.ROOT));
        agreement
                .tls()
                .ifPresent(
                        tls -> {
                            client.detail("tls", tls.session());
                            client.detail(
                                    "identity", tls.identity().isEmpty() ? "none" : tls.identity());
                        });
        connections.add(connection);
        if (closed) {
            connections.remove(connection);
            client.close();
            throw new BlockException(
                    Reason.SHUTTING_DOWN, "export '" + name + "' is shutting down");
        }
        return new Seat(this, client, agreement);
    }

    /** A client has gone. */
    void left(Connection connection) {
        connections.remove(connection);
    }

    @Override
    public void requestShutdown(ShutdownMode mode) {
        server.exports().remove(name, this);
        if (mode == ShutdownMode.HARD || mode == ShutdownMode.SAFE) {
            closed = true;
            connections.forEach(Connection::close);
        }
    }

    @Override
    public void delete() {
        requestShutdown(ShutdownMode.HARD);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DELETE_MILLIS);
        for (Connection connection : List.copyOf(connections)) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (!NbdServer.awaitEnd(connection, Math.max(1, left))) {
                context.log().log(
                        Level.WARNING,
                        "Requests of client {0} hang in node ''{1}'' and are left behind",
                        connection.peer(),
                        context.backend().nodeName());
            }
        }
    }

    /** Leaves the connections to the driver's next version, each between two requests. */
    @Override
    public Optional<Handover> suspend() {
        if (closed) {
            return Optional.empty();
        }
        // In this order: who is refused for the one has to find the other.
        server.exports().hold(name, this);
        closed = true;
        List<Connection> open = List.copyOf(connections);
        open.forEach(Connection::suspend);
        List<Map<String, Object>> saved = new ArrayList<>();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SUSPEND_MILLIS + 500);
        for (Connection connection : open) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (NbdServer.awaitEnd(connection, Math.max(1, left))) {
                connection.takeLeft().ifPresent(saved::add);
            } else {
                connection.close();
            }
        }
        if (saved.size() < open.size()) {
            context.log().log(
                    Level.INFO,
                    "{0} of {1} clients have to connect anew (those that use TLS, or whose requests"
                            + " hang in the node)",
                    open.size() - saved.size(),
                    open.size());
        }
        return Optional.of(new Handover(FORMAT, MAJOR, Map.of("connections", saved)));
    }

    @Override
    public ExportInfo info() {
        Map<String, String> details = new LinkedHashMap<>();
        details.put("name", name);
        if (!description().isEmpty()) {
            details.put("description", description());
        }
        details.put("server", server.id());
        details.put("growable", options.growable() ? "on" : "off");
        details.put("allocation-depth", options.allocationDepth() ? "on" : "off");
        return new ExportInfo(server.uri(name).toString(), details);
    }

    String name() {
        return name;
    }

    String description() {
        return options.description().orElse("");
    }

    boolean hasAllocationDepth() {
        return options.allocationDepth();
    }

    boolean isForTlsOnly() {
        return options.tlsRequired();
    }

    long length() {
        return context.backend().length();
    }

    int preferredLength() {
        int preferred = context.backend().limits().preferredLength();
        return Math.max(512, Math.min(preferred, Nbd.MAX_PAYLOAD));
    }

    int parallelism() {
        return context.backend().limits().parallelism();
    }

    Executor executor() {
        return context.executor();
    }

    /** The transmission flags that a client is told (section "Transmission flags"). */
    int features(Reply reply) {
        BlockBackend backend = context.backend();
        int flags =
                Nbd.FLAG_HAS_FLAGS | Nbd.FLAG_SEND_FLUSH | Nbd.FLAG_SEND_FUA | Nbd.FLAG_SEND_CACHE;
        if (server.allowsSeveralConnections()) {
            // All connections see one node, and a flush covers what any of them has written.
            flags |= Nbd.FLAG_CAN_MULTI_CONN;
        }
        if (reply != Reply.SIMPLE) {
            flags |= Nbd.FLAG_SEND_DF;
        }
        if (reply == Reply.EXTENDED) {
            flags |= Nbd.FLAG_BLOCK_STATUS_PAYLOAD;
        }
        if (!backend.writable()) {
            return flags | Nbd.FLAG_READ_ONLY;
        }
        flags |= Nbd.FLAG_SEND_TRIM | Nbd.FLAG_SEND_WRITE_ZEROES | Nbd.FLAG_SEND_FAST_ZERO;
        return backend.resizable() ? flags | Nbd.FLAG_SEND_RESIZE : flags;
    }
}
