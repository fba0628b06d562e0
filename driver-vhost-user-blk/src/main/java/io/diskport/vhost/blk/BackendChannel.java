package io.diskport.vhost.blk;

import io.diskport.natives.NativeDescriptor;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Optional;

/**
 * Tells a front-end that the capacity is another now ("Back-end message types"). It waits for
 * nobody: changes that the front-end has no room for are told as one. Of the thread of messages.
 */
final class BackendChannel {
    private final Device device;
    private final System.Logger log;

    /** Null if there is none. */
    private MessageSocket socket;

    /** The capacity that the front-end knows of. */
    private long known;

    BackendChannel(Device device, System.Logger log) {
        this.device = device;
        this.log = log;
        this.known = device.capacity();
    }

    /** Takes the channel that the front-end gives. */
    void open(NativeDescriptor channel) {
        close();
        socket = new MessageSocket(channel);
    }

    /** The front-end was told a capacity. */
    void knows(long capacity) {
        known = capacity;
    }

    long known() {
        return known;
    }

    /**
     * Says what there is to say.
     *
     * @return the descriptor to wait for because it has no room; {@link Poll#NONE} otherwise
     */
    int announce() {
        long capacity = device.capacity();
        if (socket == null || capacity == known) {
            return Poll.NONE;
        }
        try {
            if (!socket.send(VhostUser.BACKEND_CONFIG_CHANGE_MSG, 0, 0, Poll.NONE)) {
                return socket.fd();
            }
            known = capacity;
        } catch (IOException e) {
            log.log(Level.DEBUG, "The front-end hears no more of us: {0}", e.getMessage());
            close();
        }
        return Poll.NONE;
    }

    /** What the next version goes on with; empty if there is no channel. */
    Optional<Map<String, Object>> release() {
        Optional<Map<String, Object>> saved =
                Optional.ofNullable(socket).map(MessageSocket::release);
        socket = null;
        return saved;
    }

    void restore(Map<?, ?> saved) {
        socket = MessageSocket.restore(saved);
    }

    void close() {
        if (socket != null) {
            socket.close();
            socket = null;
        }
    }
}
