package io.diskport.nbd.node;

import io.diskport.api.BlockIOException;
import io.diskport.nbd.protocol.Nbd;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The connections of one node together: a request goes over the one with the fewest, and where that
 * one is lost, is sent again over the next as far as the options permit.
 *
 * <p>All requests may be done twice: reads, writes, zeroes and discards come to the same. What a
 * server that died had acknowledged and not flushed is lost, and cannot be known here: whoever
 * needs it flushes, and a flush that succeeds after a reconnection says nothing of writes before.
 */
final class Connections implements Lane.Owner {
    /** What hears of a node's end and of a new length. */
    interface Listener {
        /** Looks at the export that a new connection found; one that throws ends the node. */
        void reconnected(RemoteExport export) throws Refusal;

        /** The node cannot go on. */
        void ended(IOException reason);
    }

    /** A server that dies of a request is not killed with it without end. */
    private static final int MOST_SENDINGS = 8;

    /** As much of a delay as can be counted. */
    private static final Duration FOR_EVER = Duration.ofDays(365);

    private final Peer peer;
    private final Connector connector;
    private final long reconnectNanos;
    private final System.Logger log;
    private final Listener listener;
    private final Lanes lanes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean down;
    private long downSince;
    private IOException reason;
    private IOException end;
    private volatile int reconnects;
    private volatile boolean closed;

    Connections(
            Peer peer,
            Connector connector,
            int count,
            Duration reconnectDelay,
            System.Logger log,
            Listener listener) {
        this.peer = peer;
        this.connector = connector;
        boolean forEver = reconnectDelay.compareTo(FOR_EVER) > 0;
        this.reconnectNanos = (forEver ? FOR_EVER : reconnectDelay).toNanos();
        this.log = log;
        this.listener = listener;
        this.lanes = new Lanes(count, connector, this, "nbd-reconnect " + peer.address());
    }

    /** Takes a first connection, and makes the others in the background. */
    void start(Connection first) {
        lanes.start(first);
    }

    /**
     * Has a request answered, which may be by an error.
     *
     * @throws BlockIOException if there is no connection for it, or none any more
     */
    void execute(Request request) throws BlockIOException {
        // an interrupt would close the connection under all others
        boolean interrupted = Thread.interrupted();
        try {
            Connection connection = lanes.best();
            if (connection == null || !connection.execute(request)) {
                executeAgain(request, connection);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void executeAgain(Request request, Connection first) throws BlockIOException {
        boolean interrupted = false;
        try {
            Connection connection = first;
            int sendings = 0;
            while (true) {
                if (connection != null) {
                    lost(connection);
                    sendings++;
                    boolean hopeless = reconnectNanos == 0 && lanes.best() == null;
                    if (hopeless || sendings == MOST_SENDINGS || closed) {
                        throw failure(request, connection.failure());
                    }
                }
                connection = await(request);
                interrupted |= Thread.interrupted();
                if (connection.execute(request)) {
                    return;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void lost(Connection connection) {
        Lane lane = laneOf(connection);
        if (lane == null) {
            return;
        }
        log.log(
                System.Logger.Level.WARNING,
                "Connection to '"
                        + peer.address()
                        + "' lost: "
                        + NbdErrors.text(connection.failure()));
        // one that never answered anything is as good as a failed attempt
        lane.reconnect(connection.isUseful());
    }

    /** The lane from which it is taken; null if somebody has done that, or all is at its end. */
    private Lane laneOf(Connection connection) {
        lock.lock();
        try {
            Lane lane = closed ? null : lanes.remove(connection);
            if (lane != null) {
                failed(connection.failure());
            }
            return lane;
        } finally {
            lock.unlock();
        }
    }

    /** A connection, waited for as long as the options say. */
    private Connection await(Request request) throws BlockIOException {
        boolean interrupted = false;
        lock.lock();
        try {
            while (true) {
                Connection connection = lanes.best();
                if (connection != null && !closed) {
                    return connection;
                }
                long left = down ? downSince + reconnectNanos - System.nanoTime() : reconnectNanos;
                if (closed || end != null || left <= 0) {
                    throw failure(request, end != null ? end : reason);
                }
                try {
                    changed.awaitNanos(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private BlockIOException failure(Request request, IOException cause) {
        return closed
                ? NbdErrors.closed(request, peer.address(), cause)
                : NbdErrors.notConnected(request, peer.address(), cause);
    }

    @Override
    public void check(Connection connection) throws IOException {
        boolean several = connection.export().offers(Nbd.FLAG_CAN_MULTI_CONN);
        if (!several && lanes.best() != null) {
            throw new IOException("the server does not permit a second connection any more");
        }
        try {
            listener.reconnected(connection.export());
        } catch (Refusal e) {
            lock.lock();
            try {
                end = e;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
            listener.ended(e);
            throw e;
        }
    }

    @Override
    public void connected() {
        lock.lock();
        try {
            if (down) {
                log.log(System.Logger.Level.INFO, "Connected to '" + peer.address() + "' again");
                reconnects++;
            }
            down = false;
            reason = null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (closed) {
            lanes.disconnect(new IOException("the node is being closed"));
        }
    }

    @Override
    public void failed(IOException why) {
        lock.lock();
        try {
            if (!down && lanes.best() == null) {
                down = true;
                downSince = System.nanoTime();
            }
            reason = why;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean pause(long millis) {
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(millis);
            while (left > 0 && !closed && end == null) {
                left = changed.awaitNanos(left);
            }
            return !closed && end == null;
        } catch (InterruptedException e) {
            // nobody interrupts this thread
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** How it stands, for people. */
    String state() {
        lock.lock();
        try {
            int connected = lanes.connected();
            String why = reason == null ? "" : ": " + NbdErrors.text(reason);
            if (end != null) {
                return "ended: " + NbdErrors.text(end);
            }
            if (connected == 0) {
                return "reconnecting" + why;
            }
            return lanes.count() == 1 ? "connected" : connected + " of " + lanes.count() + why;
        } finally {
            lock.unlock();
        }
    }

    /** How often the connection was lost and came back. */
    int reconnects() {
        return reconnects;
    }

    /** What TLS agreed on; empty without it. */
    String tlsSession() {
        Connection connection = lanes.best();
        return connection == null ? "" : connection.tlsSession();
    }

    /** Has every request fail with ESHUTDOWN from now on, and says goodbye to the server. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        connector.close();
        lanes.disconnect(new IOException("the node is being closed"));
    }

    /** Ends the connections without a word: the server does not even take a goodbye. */
    void abort() {
        lanes.abort(new IOException("the server does not read"));
    }
}
