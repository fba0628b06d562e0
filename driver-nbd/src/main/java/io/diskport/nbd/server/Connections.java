package io.diskport.nbd.server;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The connections of one server: how many there may be, and how long they may take. Any thread. */
final class Connections {
    /** More handshakes at once than this drop the oldest: a client that is in earnest is faster. */
    private static final int MOST_HANDSHAKES = 64;

    /** How long a client may keep memory without moving when others wait for it. */
    private static final long STALLED = TimeUnit.SECONDS.toNanos(10);

    private static final long BETWEEN_DROPS = TimeUnit.SECONDS.toNanos(1);

    private final NbdServer server;
    private final NbdServerOptions options;
    private final Set<Connection> handshakes = ConcurrentHashMap.newKeySet();
    private final Set<Connection> clients = ConcurrentHashMap.newKeySet();
    private int seats;
    private long lastDropped = System.nanoTime() - BETWEEN_DROPS;

    Connections(NbdServer server, NbdServerOptions options) {
        this.server = server;
        this.options = options;
    }

    /** Those that have not chosen an export. */
    List<Connection> handshakes() {
        return List.copyOf(handshakes);
    }

    /** How many have chosen one. */
    int clients() {
        return clients.size();
    }

    /** One begins with its handshake. */
    void begin(Connection connection) {
        handshakes.add(connection);
    }

    /** Whether another connection is to be accepted now; others wait in the socket's queue. */
    synchronized boolean hasRoom() {
        return seats < options.connections();
    }

    /** One has come. */
    void accepted(SocketChannel accepted) throws IOException {
        if (handshakes.size() >= MOST_HANDSHAKES) {
            handshakes.stream()
                    .min(Comparator.comparingLong(Connection::begun))
                    .ifPresent(this::dropEarly);
        }
        Connection connection = null;
        try {
            if (accepted.getLocalAddress() instanceof InetSocketAddress) {
                accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
                accepted.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            }
            connection = new Connection(server, accepted);
        } finally {
            if (connection == null) {
                accepted.close();
            }
        }
        begin(connection);
        connection.start(new HandshakeState(), new byte[0]);
    }

    private void dropEarly(Connection connection) {
        handshakes.remove(connection);
        connection.close();
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
        server.look();
    }

    /** One has chosen an export. */
    void chosen(Connection connection) {
        clients.add(connection);
        handshakes.remove(connection);
    }

    /** One has gone. */
    void ended(Connection connection) {
        handshakes.remove(connection);
        clients.remove(connection);
    }

    /** Whether somebody has to look after {@link #enforceDeadlines}. */
    boolean hasDeadlines() {
        return !handshakes.isEmpty() || !options.idleTimeout().isZero();
    }

    /** Memory is short: drops whoever has kept some for longest without moving. */
    synchronized void dropStalled() {
        long now = System.nanoTime();
        if (now - lastDropped < BETWEEN_DROPS) {
            // What the last one kept is on its way back.
            return;
        }
        Connection longest = null;
        long most = STALLED;
        for (Connection connection : clients) {
            long since = connection.stalledSince();
            if (since != 0 && now - since > most) {
                most = now - since;
                longest = connection;
            }
        }
        if (longest != null) {
            lastDropped = now;
            server.log().log(
                    Level.WARNING,
                    "Client {0} is dropped: memory is short, and for {1} s it has neither sent the"
                            + " rest of a request nor read its replies",
                    longest.peer(),
                    TimeUnit.NANOSECONDS.toSeconds(most));
            longest.close();
        }
    }

    /** Drops those that take too long. */
    void enforceDeadlines() {
        long now = System.nanoTime();
        long handshake = options.handshakeTimeout().toNanos();
        for (Connection connection : handshakes) {
            if (now - connection.begun() > handshake) {
                server.log().log(
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
                server.log().log(
                        Level.INFO,
                        "Client {0} is dropped: it was silent for {1} s",
                        connection.peer(),
                        options.idleTimeout().toSeconds());
                connection.close();
            }
        }
    }
}
