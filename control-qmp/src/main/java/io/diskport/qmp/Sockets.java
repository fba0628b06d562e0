package io.diskport.qmp;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;

/** Opens the sockets of monitors. */
final class Sockets {
    /** How many clients wait for their turn. */
    private static final int BACKLOG = 16;

    private static final long CONNECT_MILLIS = 5000;

    private static final int SOCKET_TYPE = 0xC;

    private Sockets() {}

    /**
     * Begins to listen.
     *
     * @throws BlockException if the address cannot be had; nothing is left behind then
     */
    static ServerSocketChannel listen(MonitorAddress address) throws BlockException {
        try {
            return address instanceof MonitorAddress.Unix unix
                    ? listen(unix.path())
                    : listen(resolved((MonitorAddress.Inet) address));
        } catch (IOException | UnsupportedOperationException e) {
            throw new BlockException(
                    Reason.FAILED,
                    "Failed to bind socket to " + address + ": " + e.getMessage(),
                    e);
        }
    }

    private static ServerSocketChannel listen(InetSocketAddress address)
            throws IOException, BlockException {
        if (!address.getAddress().isLoopbackAddress()) {
            throw new BlockException(
                    Reason.INVALID,
                    "Option 'addr.host' has the value '"
                            + address.getHostString()
                            + "': a monitor lets whoever reaches it do everything, so that it is on"
                            + " 127.0.0.1 or ::1 only; let others in by a tunnel (ssh -L)");
        }
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            return channel.bind(address, BACKLOG);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static ServerSocketChannel listen(Path path) throws IOException, BlockException {
        UnixDomainSocketAddress address = address(path);
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            removeDead(path, address);
        }
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        boolean bound = false;
        try {
            channel.bind(address, BACKLOG);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            bound = true;
            return channel;
        } finally {
            if (!bound) {
                channel.close();
            }
        }
    }

    /** A socket on which nobody listens is what a daemon that was killed has left. */
    private static void removeDead(Path path, UnixDomainSocketAddress address)
            throws IOException, BlockException {
        int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if (mode >> 12 != SOCKET_TYPE) {
            throw new BlockException(
                    Reason.EXISTS,
                    "Failed to bind socket to " + path + ": there is a file of that name already");
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            // One whose queue is full is not waited for: it is alive.
            probe.configureBlocking(false);
            probe.connect(address);
        } catch (SocketException e) {
            Files.deleteIfExists(path);
            return;
        }
        throw new BlockException(
                Reason.IN_USE,
                "Failed to bind socket to " + path + ": somebody else listens there already");
    }

    /**
     * Connects to whoever listens.
     *
     * @throws BlockException if nobody does, or does not answer in time
     */
    static SocketChannel connect(MonitorAddress address) throws BlockException {
        try {
            return address instanceof MonitorAddress.Unix unix
                    ? connect(SocketChannel.open(StandardProtocolFamily.UNIX), address(unix.path()))
                    : connect(SocketChannel.open(), resolved((MonitorAddress.Inet) address));
        } catch (IOException | UnsupportedOperationException e) {
            throw new BlockException(
                    Reason.FAILED, "Failed to connect to '" + address + "': " + e.getMessage(), e);
        }
    }

    private static SocketChannel connect(SocketChannel channel, SocketAddress address)
            throws IOException {
        boolean connected = false;
        try {
            channel.configureBlocking(false);
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CONNECT_MILLIS);
            channel.connect(address);
            while (!channel.finishConnect()) {
                if (System.nanoTime() > deadline) {
                    throw new IOException("nobody answers");
                }
                TimeUnit.MILLISECONDS.sleep(5);
            }
            channel.configureBlocking(true);
            connected = true;
            return channel;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            if (!connected) {
                channel.close();
            }
        }
    }

    private static InetSocketAddress resolved(MonitorAddress.Inet inet) throws BlockException {
        InetSocketAddress address = new InetSocketAddress(inet.host(), inet.port());
        if (address.isUnresolved()) {
            throw new BlockException(
                    Reason.INVALID,
                    "Option 'addr.host' has the value '" + inet.host() + "': no such host");
        }
        return address;
    }

    private static UnixDomainSocketAddress address(Path path) throws BlockException {
        try {
            return UnixDomainSocketAddress.of(path);
        } catch (IllegalArgumentException e) {
            throw new BlockException(Reason.INVALID, "Option 'addr.path': " + e.getMessage(), e);
        }
    }
}
