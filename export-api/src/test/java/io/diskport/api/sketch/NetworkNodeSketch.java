package io.diskport.api.sketch;

import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.node.Extent;
import io.diskport.api.node.NodeContext;
import io.diskport.api.node.Permissions;
import io.diskport.api.object.BlockObject;
import io.diskport.api.object.Secret;
import io.diskport.api.options.ObjectRef;
import io.diskport.api.options.Option;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How a node on the network would use the API: never run, it only has to compile. It shows what
 * such a node needs and a file does not: objects that it refers to, requests that always wait, a
 * peer whose length changes or who goes away, and locks taken by permission.
 */
@ProvidesDriver(kind = "node", type = "net")
final class NetworkNodeSketch implements BlockNodeDriver<NetworkNodeSketch.NetworkOptions> {
    /** What wraps a channel, made by an object driver of another bundle. */
    interface ChannelSecurity extends BlockObject {
        SocketChannel wrap(SocketChannel plain) throws IOException;
    }

    record NetworkOptions(
            @Option(description = "the host") String host,
            @Option(description = "the port", defaultValue = "10809") int port,
            @Option(description = "credentials for TLS")
                    Optional<ObjectRef<ChannelSecurity>> tlsCreds,
            @Option(description = "the password") Optional<ObjectRef<Secret>> passwordSecret,
            @Option(description = "how long to wait for a peer", defaultValue = "10s")
                    Duration reconnectDelay) {}

    @Override
    public Class<NetworkOptions> optionsType() {
        return NetworkOptions.class;
    }

    @Override
    public BlockNode open(NodeContext context, NetworkOptions options) throws BlockException {
        try {
            SocketChannel channel =
                    SocketChannel.open(new InetSocketAddress(options.host(), options.port()));
            if (options.tlsCreds().isPresent()) {
                channel = context.object(options.tlsCreds().get()).wrap(channel);
            }
            if (options.passwordSecret().isPresent()) {
                byte[] password = context.object(options.passwordSecret().get()).data();
                channel.write(ByteBuffer.wrap(password));
            }
            return new Node(context, channel);
        } catch (IOException e) {
            throw new BlockException(
                    BlockException.Reason.FAILED,
                    "Failed to connect to '"
                            + options.host()
                            + ":"
                            + options.port()
                            + "': "
                            + e.getMessage(),
                    e);
        }
    }

    @Override
    public void reopen(BlockNode node, NodeContext context, NetworkOptions options)
            throws BlockException {
        ((Node) node).peerResized(options.port());
    }

    private static final class Node implements BlockNode {
        private final NodeContext context;
        private final SocketChannel channel;
        private volatile long length;

        Node(NodeContext context, SocketChannel channel) {
            this.context = context;
            this.channel = channel;
        }

        void peerResized(long now) {
            length = now;
            context.lengthChanged(now);
            context.limitsChanged();
        }

        void peerLost(IOException cause) {
            context.ended(cause);
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public BlockLimits limits() {
            return BlockLimits.ANY.withAlignment(512, 1).withParallelism(64);
        }

        @Override
        public void setPermissions(Permissions held, Permissions shared) throws BlockException {
            if (held.write() && !shared.write()) {
                throw new BlockException(
                        BlockException.Reason.IN_USE, "the cluster's lock is taken");
            }
        }

        @Override
        public void read(long offset, ByteBuffer destination) throws BlockIOException {
            call(destination);
        }

        @Override
        public void write(long offset, int flags, ByteBuffer source) throws BlockIOException {
            call(source);
        }

        @Override
        public void flush() throws BlockIOException {
            call(ByteBuffer.allocate(0));
        }

        @Override
        public void writeZeroes(long offset, long count, int flags) throws BlockIOException {
            call(ByteBuffer.allocate(0));
        }

        @Override
        public Extent status(long offset, long count) {
            return new Extent(count, false, true, 2);
        }

        private void call(ByteBuffer buffer) throws BlockIOException {
            try {
                channel.write(buffer);
            } catch (IOException e) {
                peerLost(e);
                throw new BlockIOException(Errno.ENOTCONN, "the peer is gone", e);
            }
        }

        @Override
        public Map<String, String> info() {
            return Map.of("peer", channel.toString());
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                context.log().log(System.Logger.Level.DEBUG, "close", e);
            }
        }
    }
}
