package io.diskport.vhost.blk;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.LibcSocket;
import io.diskport.natives.NativeDescriptor;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeMemory;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** The Unix socket that front-ends connect to. */
final class ListeningSocket implements AutoCloseable {
    private static final int BACKLOG = 16;
    private static final int OWNER_ONLY = 0600;
    private static final int SOCKET_TYPE = 0xC;

    // struct sockaddr_un
    private static final int SUN_PATH = 2;
    private static final int SUN_PATH_LENGTH = 108;

    private static final int UCRED = 12;

    private final NativeDescriptor socket;
    private final Optional<SocketFile> file;

    ListeningSocket(NativeDescriptor socket, Optional<SocketFile> file) {
        this.socket = socket;
        this.file = file;
    }

    /**
     * Begins to listen.
     *
     * @throws BlockException if the address cannot be had; nothing is left behind then
     */
    static ListeningSocket listen(VhostUserBlkAddress address) throws BlockException {
        try {
            return address instanceof VhostUserBlkAddress.Unix unix
                    ? listen(unix.path())
                    : inherited((VhostUserBlkAddress.Fd) address);
        } catch (IOException e) {
            // In QEMU's words, which tools compare.
            throw new BlockException(
                    Reason.FAILED,
                    "Failed to bind socket to " + address + ": " + e.getMessage(),
                    e);
        }
    }

    private static ListeningSocket listen(Path path) throws IOException, BlockException {
        ByteBuffer address = address(path);
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            removeDead(path, address);
        }
        NativeDescriptor socket = socket();
        boolean listens = false;
        try {
            // The file gets the mode of the socket: it is for its owner from its first moment.
            check(Libc.fchmod(socket.fd(), OWNER_ONLY));
            check(LibcSocket.bind(socket.fd(), NativeMemory.address(address), address.capacity()));
            Optional<SocketFile> file = Optional.of(SocketFile.of(path));
            check(LibcSocket.listen(socket.fd(), BACKLOG));
            listens = true;
            return new ListeningSocket(socket, file);
        } finally {
            Reference.reachabilityFence(address);
            if (!listens) {
                socket.close();
            }
        }
    }

    private static NativeDescriptor socket() throws IOException {
        int type = LibcSocket.SOCK_STREAM | LibcSocket.SOCK_NONBLOCK | LibcSocket.SOCK_CLOEXEC;
        return new NativeDescriptor(check(LibcSocket.socket(LibcSocket.AF_UNIX, type, 0)));
    }

    private static int check(int result) throws IOException {
        if (result < 0) {
            throw new IOException(NativeError.message(result));
        }
        return result;
    }

    private static ByteBuffer address(Path path) throws BlockException {
        byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length >= SUN_PATH_LENGTH) {
            throw new BlockException(
                    Reason.INVALID,
                    "Option 'addr.path' has the value '"
                            + path
                            + "': the path of a Unix socket has 1 to 107 bytes");
        }
        ByteBuffer address = NativeMemory.allocate(SUN_PATH + SUN_PATH_LENGTH, 8);
        address.putShort(0, (short) LibcSocket.AF_UNIX);
        address.put(SUN_PATH, bytes);
        return address;
    }

    /** A socket on which nobody listens is what a daemon that was killed has left. */
    private static void removeDead(Path path, ByteBuffer address)
            throws IOException, BlockException {
        int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if (mode >> 12 != SOCKET_TYPE) {
            throw new BlockException(
                    Reason.EXISTS,
                    "Failed to listen on '" + path + "': there is a file of that name already");
        }
        int result;
        try (NativeDescriptor probe = socket()) {
            result =
                    LibcSocket.connect(
                            probe.fd(), NativeMemory.address(address), address.capacity());
        }
        Reference.reachabilityFence(address);
        if (result != -NativeError.ECONNREFUSED && result != -NativeError.ENOENT) {
            throw new BlockException(
                    Reason.IN_USE,
                    "Failed to listen on '"
                            + path
                            + "': "
                            + (result == 0 || result == -NativeError.EAGAIN
                                    ? "somebody else does already"
                                    : NativeError.message(result)));
        }
        Files.deleteIfExists(path);
    }

    /** A second descriptor of the same socket, so that the next export may have it as well. */
    private static ListeningSocket inherited(VhostUserBlkAddress.Fd address) throws BlockException {
        int fd = address.number();
        if (option(fd, LibcSocket.SO_DOMAIN) != LibcSocket.AF_UNIX
                || option(fd, LibcSocket.SO_ACCEPTCONN) != 1) {
            throw new BlockException(
                    Reason.INVALID,
                    "Option 'addr.str' has the value '"
                            + fd
                            + "': descriptor "
                            + fd
                            + " is not a listening Unix socket; start the daemon with one (systemd"
                            + " passes those of a .socket unit from 3 on)");
        }
        int own = Libc.fcntl(fd, LibcConstants.F_DUPFD_CLOEXEC, 0);
        if (own < 0) {
            throw new BlockException(
                    Reason.FAILED,
                    "Failed to listen on '" + address + "': " + NativeError.message(own));
        }
        int flags = Libc.fcntl(own, LibcConstants.F_GETFL, 0);
        Libc.fcntl(own, LibcConstants.F_SETFL, flags | LibcConstants.O_NONBLOCK);
        return new ListeningSocket(new NativeDescriptor(own), Optional.empty());
    }

    /** An option that is an int; less than 0 if it cannot be had. */
    private static int option(int fd, int option) {
        ByteBuffer place = NativeMemory.allocate(2 * Integer.BYTES, 8);
        place.putInt(Integer.BYTES, Integer.BYTES);
        long address = NativeMemory.address(place);
        int result =
                LibcSocket.getsockopt(
                        fd, LibcSocket.SOL_SOCKET, option, address, address + Integer.BYTES);
        return result < 0 ? result : place.getInt(0);
    }

    int fd() {
        return socket.fd();
    }

    /** The next connection; empty if there is none, or it went. */
    Optional<NativeDescriptor> accept() throws IOException {
        int fd = LibcSocket.accept(socket.fd(), LibcSocket.SOCK_NONBLOCK | LibcSocket.SOCK_CLOEXEC);
        if (fd == -NativeError.EAGAIN
                || fd == -NativeError.EINTR
                || fd == -NativeError.ECONNABORTED) {
            return Optional.empty();
        }
        return Optional.of(new NativeDescriptor(check(fd)));
    }

    /** Whoever is at the other end, for people. */
    static String peer(NativeDescriptor connection) {
        ByteBuffer place = NativeMemory.allocate(UCRED + Integer.BYTES, 8);
        place.order(ByteOrder.nativeOrder()).putInt(UCRED, UCRED);
        long address = NativeMemory.address(place);
        int result =
                LibcSocket.getsockopt(
                        connection.fd(),
                        LibcSocket.SOL_SOCKET,
                        LibcSocket.SO_PEERCRED,
                        address,
                        address + UCRED);
        // 0 is a process that this container does not see.
        return result < 0 || place.getInt(0) == 0
                ? "process elsewhere"
                : "process " + place.getInt(0);
    }

    /** The socket and its file, to be handed over; neither is this object's any more. */
    NativeDescriptor release() {
        return new NativeDescriptor(socket.release());
    }

    Optional<SocketFile> file() {
        return file;
    }

    /** Listens no more, and removes the file unless another is in its place. Idempotent. */
    @Override
    public void close() throws IOException {
        if (socket.isOpen()) {
            socket.close();
            if (file.isPresent()) {
                file.get().remove();
            }
        }
    }
}
