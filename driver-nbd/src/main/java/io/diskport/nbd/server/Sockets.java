package io.diskport.nbd.server;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Opens the sockets that servers listen on. */
final class Sockets {
    private static final int BACKLOG = 128;

    private Sockets() {}

    /**
     * Begins to listen.
     *
     * @throws BlockException if the address cannot be had; nothing is left behind then
     */
    static ServerSocketChannel listen(NbdAddress address) throws BlockException {
        try {
            if (address instanceof NbdAddress.Unix unix) {
                return listen(unix.path());
            }
            return address instanceof NbdAddress.Inet inet ? listen(inet) : inherited();
        } catch (IOException | UnsupportedOperationException e) {
            // In QEMU's words, which tools compare.
            String what =
                    address instanceof NbdAddress.Unix
                            ? "Failed to bind socket to " + address
                            : "Failed to listen on '" + address + "'";
            throw new BlockException(Reason.FAILED, what + ": " + e.getMessage(), e);
        }
    }

    private static ServerSocketChannel listen(NbdAddress.Inet inet)
            throws IOException, BlockException {
        InetSocketAddress address = new InetSocketAddress(inet.host(), inet.port());
        if (address.isUnresolved()) {
            throw new BlockException(
                    Reason.INVALID,
                    "Option 'addr.host' has the value '" + inet.host() + "': no such host");
        }
        ServerSocketChannel channel = ServerSocketChannel.open();
        return bound(channel, address, true);
    }

    private static ServerSocketChannel bound(
            ServerSocketChannel channel, SocketAddress address, boolean reuse) throws IOException {
        boolean bound = false;
        try {
            if (reuse) {
                channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            }
            channel.bind(address, BACKLOG);
            bound = true;
            return channel;
        } finally {
            if (!bound) {
                channel.close();
            }
        }
    }

    private static ServerSocketChannel listen(Path path) throws IOException, BlockException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            removeDead(path);
        }
        UnixDomainSocketAddress address;
        try {
            address = UnixDomainSocketAddress.of(path);
        } catch (IllegalArgumentException e) {
            throw new BlockException(Reason.INVALID, "Option 'addr.path': " + e.getMessage(), e);
        }
        ServerSocketChannel channel =
                bound(ServerSocketChannel.open(StandardProtocolFamily.UNIX), address, false);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        return channel;
    }

    /** A socket on which nobody listens is what a daemon that was killed has left. */
    private static void removeDead(Path path) throws IOException, BlockException {
        boolean socket =
                (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) >> 12
                        == 0xC;
        if (!socket) {
            throw new BlockException(
                    Reason.EXISTS,
                    "Failed to listen on '" + path + "': there is a file of that name already");
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(UnixDomainSocketAddress.of(path));
        } catch (java.net.SocketException e) {
            Files.deleteIfExists(path);
            return;
        }
        throw new BlockException(
                Reason.IN_USE, "Failed to listen on '" + path + "': somebody else does already");
    }

    private static ServerSocketChannel inherited() throws IOException, BlockException {
        Channel channel = System.inheritedChannel();
        if (channel instanceof ServerSocketChannel listening) {
            if (listening.isRegistered()) {
                throw new BlockException(
                        Reason.IN_USE,
                        "addr.type=inherited: another nbd-server has the inherited socket");
            }
            return listening;
        }
        throw new BlockException(
                Reason.UNAVAILABLE,
                "addr.type=inherited: the daemon was started without a listening socket; systemd"
                        + " passes one to a service that has a .socket unit");
    }

    /** Whoever is at the other end, for people. */
    static String describe(SocketChannel channel) throws IOException {
        if (channel.getRemoteAddress() instanceof InetSocketAddress address) {
            String host = address.getAddress().getHostAddress();
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
        }
        return "local:" + UNIX_NUMBER.incrementAndGet();
    }

    private static final java.util.concurrent.atomic.AtomicLong UNIX_NUMBER =
            new java.util.concurrent.atomic.AtomicLong();

    /** A host that a client on this machine would connect to. */
    static String hostToShow(InetAddress address) {
        if (address.isAnyLocalAddress() || address.isLoopbackAddress()) {
            return "localhost";
        }
        return address.getHostAddress();
    }
}
