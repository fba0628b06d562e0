package io.diskport.nbd.node;

import java.io.IOException;

/** The places of all connections of a node. */
final class Lanes {
    private final Lane[] lanes;

    Lanes(int count, Connector connector, Lane.Owner owner, String threadName) {
        lanes = new Lane[count];
        for (int i = 0; i < count; i++) {
            lanes[i] = new Lane(connector, owner, threadName);
        }
    }

    /** Takes a first connection, and makes the others in the background. */
    void start(Connection first) {
        lanes[0].start(first);
        for (int i = 1; i < lanes.length; i++) {
            lanes[i].reconnect(true);
        }
    }

    int count() {
        return lanes.length;
    }

    int connected() {
        int connected = 0;
        for (Lane lane : lanes) {
            connected += lane.current() == null ? 0 : 1;
        }
        return connected;
    }

    /** The connection with the fewest requests; null if there is none. */
    Connection best() {
        Connection best = null;
        for (Lane lane : lanes) {
            Connection connection = lane.current();
            if (connection != null && (best == null || connection.load() < best.load())) {
                best = connection;
            }
        }
        return best;
    }

    /** The lane from which a lost connection is taken; null if somebody else has done that. */
    Lane remove(Connection connection) {
        for (Lane lane : lanes) {
            if (lane.remove(connection)) {
                return lane;
            }
        }
        return null;
    }

    /** Ends all connections with a goodbye. */
    void disconnect(IOException reason) {
        for (Lane lane : lanes) {
            Connection connection = lane.current();
            if (connection != null) {
                connection.disconnect(reason);
            }
        }
    }

    /** Ends all connections without a word. */
    void abort(IOException reason) {
        for (Lane lane : lanes) {
            Connection connection = lane.current();
            if (connection != null) {
                connection.fail(reason);
            }
        }
    }
}
