package io.diskport.nbd.node;

import io.diskport.api.BlockException.Reason;
import java.io.IOException;

/**
 * The place of one of a node's connections: when one is lost, it gets the next one in the
 * background, until there is one or the node ends.
 */
final class Lane {
    /** What a lane tells the connections that it is one of. */
    interface Owner {
        /**
         * Looks at a new connection before it is used.
         *
         * @throws IOException if it is not to be used; it is tried again
         */
        void check(Connection connection) throws IOException;

        /** A connection is there again. */
        void connected();

        /** An attempt failed. */
        void failed(IOException reason);

        /** Waits, or returns false because there is no point in going on. */
        boolean pause(long millis);
    }

    private final Connector connector;
    private final Owner owner;
    private final String threadName;
    private final Backoff backoff = new Backoff();
    private volatile Connection current;

    Lane(Connector connector, Owner owner, String threadName) {
        this.connector = connector;
        this.owner = owner;
        this.threadName = threadName;
    }

    /** The connection; null while there is none. */
    Connection current() {
        return current;
    }

    /** Puts a first connection there. */
    void start(Connection connection) {
        current = connection;
    }

    /**
     * Takes a connection away that is lost.
     *
     * @return false if it is not there
     */
    synchronized boolean remove(Connection connection) {
        if (current != connection) {
            return false;
        }
        current = null;
        return true;
    }

    /** Begins to make a connection in the background. */
    void reconnect(boolean atOnce) {
        Thread thread = new Thread(() -> run(atOnce), threadName);
        thread.setDaemon(true);
        thread.start();
    }

    private void run(boolean atOnce) {
        if (atOnce) {
            backoff.reset();
        }
        if (!owner.pause(atOnce ? 0 : backoff.nextMillis())) {
            return;
        }
        do {
            try {
                use(connector.connect());
                return;
            } catch (IOException e) {
                owner.failed(e);
            } catch (RuntimeException e) {
                // of somebody else's TLS, for instance: this thread is all that keeps trying
                owner.failed(new Refusal(Reason.FAILED, e.toString()));
            }
        } while (owner.pause(backoff.nextMillis()));
    }

    private void use(Connection connection) throws IOException {
        try {
            owner.check(connection);
        } catch (IOException | RuntimeException e) {
            connection.disconnect(new IOException("the connection is not used", e));
            throw e;
        }
        synchronized (this) {
            current = connection;
        }
        owner.connected();
    }
}
