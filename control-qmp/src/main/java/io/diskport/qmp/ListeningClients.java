package io.diskport.qmp;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Clients that come to a socket; while one is served, the next wait in its queue. */
final class ListeningClients implements Clients {
    private final ServerSocketChannel channel;
    private final String address;
    private final Optional<Path> file;
    private final Optional<Object> fileKey;

    private ListeningClients(ServerSocketChannel channel, String address, Optional<Path> file)
            throws IOException {
        this.channel = channel;
        this.address = address;
        this.file = file;
        this.fileKey = file.isEmpty() ? Optional.empty() : key(file.get());
    }

    static ListeningClients at(MonitorAddress address) throws BlockException {
        ServerSocketChannel channel = Sockets.listen(address);
        try {
            if (address instanceof MonitorAddress.Unix unix) {
                return new ListeningClients(
                        channel, unix.toString(), Optional.of(unix.path().toAbsolutePath()));
            }
            InetSocketAddress bound = (InetSocketAddress) channel.getLocalAddress();
            return new ListeningClients(
                    channel,
                    new MonitorAddress.Inet(bound.getAddress().getHostAddress(), bound.getPort())
                            .toString(),
                    Optional.empty());
        } catch (IOException e) {
            throw new BlockException(
                    Reason.FAILED, "Failed to listen on " + address + ": " + e.getMessage(), e);
        }
    }

    private static Optional<Object> key(Path path) throws IOException {
        return Optional.ofNullable(
                Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .fileKey());
    }

    @Override
    public ByteChannel next() throws IOException {
        return channel.accept();
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public Map<String, String> info() {
        return Map.of("address", address);
    }

    @Override
    public void close() throws IOException {
        if (!channel.isOpen()) {
            return;
        }
        channel.close();
        // Unless somebody has put another one there.
        if (file.isPresent()
                && Files.exists(file.get(), LinkOption.NOFOLLOW_LINKS)
                && Objects.equals(fileKey, key(file.get()))) {
            Files.delete(file.get());
        }
    }
}
