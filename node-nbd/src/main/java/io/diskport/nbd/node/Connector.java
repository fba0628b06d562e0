package io.diskport.nbd.node;

import io.diskport.nbd.protocol.NbdUri;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Makes connections to one peer, each within 10 s. */
final class Connector {
    /** For the connection and the handshake together, also of a server that stalls. */
    private static final long DEADLINE_SECONDS = 10;

    private final Peer peer;
    private final ScheduledExecutorService timer;
    private final Set<SocketChannel> beginning = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    Connector(Peer peer, ScheduledExecutorService timer) {
        this.peer = peer;
        this.timer = timer;
    }

    /**
     * Connects and does the handshake.
     *
     * @throws Refusal if there is a server that does not give the export
     * @throws IOException if there is none, with a message for people that does not name it
     */
    Connection connect() throws IOException {
        NbdUri address = peer.address();
        if (address.socket().isPresent()) {
            return connect(UnixDomainSocketAddress.of(address.socket().get()));
        }
        IOException first = null;
        for (InetAddress candidate : InetAddress.getAllByName(address.host())) {
            try {
                return connect(new InetSocketAddress(candidate, address.port()));
            } catch (Refusal e) {
                throw e;
            } catch (IOException e) {
                // of localhost, ::1 may be refused and 127.0.0.1 may not
                first = first == null ? e : first;
            }
        }
        throw first;
    }

    private Connection connect(SocketAddress address) throws IOException {
        boolean unix = address instanceof UnixDomainSocketAddress;
        SocketChannel channel =
                unix ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
        Future<?> deadline = null;
        boolean done = false;
        beginning.add(channel);
        try {
            deadline =
                    timer.schedule(
                            () -> Connection.close(channel), DEADLINE_SECONDS, TimeUnit.SECONDS);
            if (closed) {
                throw new IOException("the node is being closed");
            }
            if (!unix) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            }
            channel.connect(address);
            Connection connection = new Connection(Handshake.run(peer, channel));
            done = deadline.cancel(false);
            if (!done) {
                throw new IOException("timed out");
            }
            return connection;
        } catch (RejectedExecutionException e) {
            throw new IOException("the node is being closed", e);
        } catch (IOException e) {
            if (deadline != null && deadline.isDone()) {
                throw new IOException(
                        "no answer within " + DEADLINE_SECONDS + " s (" + NbdErrors.text(e) + ")",
                        e);
            }
            throw e;
        } finally {
            beginning.remove(channel);
            if (!done) {
                if (deadline != null) {
                    deadline.cancel(false);
                }
                Connection.close(channel);
            }
        }
    }

    /** Ends attempts that are under way, and refuses others. */
    void close() {
        closed = true;
        beginning.forEach(Connection::close);
    }
}
