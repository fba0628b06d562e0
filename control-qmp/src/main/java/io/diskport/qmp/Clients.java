package io.diskport.qmp;

import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.util.Map;

/** Where the clients of a monitor come from, one after the other. */
interface Clients {
    /**
     * Waits for the next client.
     *
     * @throws IOException if there is none, this time or, once it is closed, ever
     */
    ByteChannel next() throws IOException;

    /** Whether there may be another client. */
    boolean isOpen();

    /** What people may want to know of it. */
    Map<String, String> info();

    /** Lets no more come, and wakes whoever waits. Idempotent. */
    void close() throws IOException;
}
