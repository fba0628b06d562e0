package io.diskport.vhost.blk.testing;

import io.diskport.natives.Libc;
import io.diskport.natives.LibcHost;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeFunction;
import io.diskport.natives.NativeMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * The system calls of a front-end; bound here, so that the driver's own are tested against others.
 */
final class Sys {
    static final int O_NONBLOCK = 0x800;
    static final int F_ADD_SEALS = 1033;
    static final int F_SEAL_SHRINK = 2;
    static final short POLLIN = 1;

    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int EFD_CLOEXEC = 0x80000;
    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED_NORESERVE = 0x4001;
    private static final int F_GETFL = 3;
    private static final int SUN_PATH = 2;
    private static final int SUN_PATH_MAX = 108;

    private static final NativeFunction SOCKET = NativeFunction.ofInt("socket", 3);
    private static final NativeFunction SOCKETPAIR = NativeFunction.ofInt("socketpair", 4);
    private static final NativeFunction BIND = NativeFunction.ofInt("bind", 3);
    private static final NativeFunction LISTEN = NativeFunction.ofInt("listen", 2);
    private static final NativeFunction CONNECT = NativeFunction.ofInt("connect", 3);
    private static final NativeFunction SHUTDOWN = NativeFunction.ofInt("shutdown", 2);
    private static final NativeFunction SENDMSG = NativeFunction.ofLong("sendmsg", 3);
    private static final NativeFunction RECVMSG = NativeFunction.ofLong("recvmsg", 3);
    private static final NativeFunction MEMFD_CREATE = NativeFunction.ofInt("memfd_create", 2);
    private static final NativeFunction MMAP = NativeFunction.ofLong("mmap", 6);
    private static final NativeFunction MUNMAP = NativeFunction.ofInt("munmap", 2);
    private static final NativeFunction FCNTL = NativeFunction.ofInt("fcntl", 3);

    private Sys() {}

    /** What a call answered, if it was no error. */
    static long checked(String call, long result) {
        if (result < 0) {
            int number = (int) -result;
            throw new UncheckedIOException(
                    new IOException(
                            call + ": error " + number + " " + NativeError.message(number)));
        }
        return result;
    }

    static int connect(String path) throws IOException {
        int fd = (int) checked("socket", SOCKET.call(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        ByteBuffer address = address(path);
        long result = CONNECT.call(fd, NativeMemory.address(address), address.capacity());
        if (result < 0) {
            Libc.close(fd);
            throw new IOException(
                    "connect to '" + path + "': " + NativeError.message((int) -result));
        }
        return fd;
    }

    /** A listening socket. */
    static int listen(String path) {
        int fd = (int) checked("socket", SOCKET.call(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        ByteBuffer address = address(path);
        checked("bind", BIND.call(fd, NativeMemory.address(address), address.capacity()));
        checked("listen", LISTEN.call(fd, 4));
        return fd;
    }

    private static ByteBuffer address(String path) {
        ByteBuffer address = NativeMemory.allocate(SUN_PATH + SUN_PATH_MAX, 8);
        address.putShort(0, (short) AF_UNIX);
        byte[] bytes = path.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        if (bytes.length >= SUN_PATH_MAX) {
            throw new IllegalArgumentException("'" + path + "' is too long for a Unix socket");
        }
        address.put(SUN_PATH, bytes);
        return address;
    }

    /** Two connected sockets. */
    static int[] socketPair() {
        ByteBuffer pair = NativeMemory.allocate(8, 8);
        checked(
                "socketpair",
                SOCKETPAIR.call(
                        AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, NativeMemory.address(pair)));
        return new int[] {pair.getInt(0), pair.getInt(4)};
    }

    static void shutdown(int fd, int how) {
        SHUTDOWN.call(fd, how);
    }

    static long sendmsg(int fd, long message, int flags) {
        return SENDMSG.call(fd, message, flags);
    }

    static long recvmsg(int fd, long message, int flags) {
        return RECVMSG.call(fd, message, flags);
    }

    static int memfd(String name, long size) {
        ByteBuffer text = NativeMemory.allocate(name.length() + 1, 8);
        text.put(0, name.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        int fd =
                (int)
                        checked(
                                "memfd_create",
                                MEMFD_CREATE.call(
                                        NativeMemory.address(text),
                                        MFD_CLOEXEC | MFD_ALLOW_SEALING));
        checked("ftruncate", Libc.ftruncate(fd, size));
        return fd;
    }

    static long mmap(int fd, long size) {
        return checked("mmap", MMAP.call(0, size, PROT_READ_WRITE, MAP_SHARED_NORESERVE, fd, 0));
    }

    static void munmap(long address, long size) {
        checked("munmap", MUNMAP.call(address, size));
    }

    static int eventfd(int flags) {
        return (int) checked("eventfd", LibcHost.eventfd(0, EFD_CLOEXEC | flags));
    }

    static long fcntl(int fd, int command, long argument) {
        return FCNTL.call(fd, command, argument);
    }

    static boolean isOpen(int fd) {
        return FCNTL.call(fd, F_GETFL, 0) >= 0;
    }

    static int dup(int fd) {
        return (int) checked("dup", Libc.dup(fd));
    }

    static void close(int fd) {
        Libc.close(fd);
    }
}
