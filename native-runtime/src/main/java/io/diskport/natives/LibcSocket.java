package io.diskport.natives;

/**
 * Sockets, with the messages that carry descriptors; what java.net cannot do.
 *
 * <p>Structures are the caller's: it lays out addresses (sockaddr), messages (struct msghdr) and
 * their parts in native memory, and keeps them alive during the call. Results are zero or more, or
 * the negated error number; safe on any thread.
 */
public final class LibcSocket {
    public static final int AF_UNIX = 1;
    public static final int SOCK_STREAM = 1;
    public static final int SOCK_NONBLOCK = LibcConstants.O_NONBLOCK;
    public static final int SOCK_CLOEXEC = LibcConstants.O_CLOEXEC;

    public static final int SOL_SOCKET = 1;
    public static final int SO_PEERCRED = 17;
    public static final int SO_ACCEPTCONN = 30;
    public static final int SO_DOMAIN = 39;
    public static final int SCM_RIGHTS = 1;

    public static final int MSG_CTRUNC = 8;
    public static final int MSG_DONTWAIT = 0x40;
    public static final int MSG_NOSIGNAL = 0x4000;
    public static final int MSG_CMSG_CLOEXEC = 0x40000000;

    private static final NativeFunction SOCKET = NativeFunction.ofInt("socket", 3);
    private static final NativeFunction BIND = NativeFunction.ofInt("bind", 3);
    private static final NativeFunction LISTEN = NativeFunction.ofInt("listen", 2);
    private static final NativeFunction ACCEPT4 = NativeFunction.ofInt("accept4", 4);
    private static final NativeFunction CONNECT = NativeFunction.ofInt("connect", 3);
    private static final NativeFunction GETSOCKOPT = NativeFunction.ofInt("getsockopt", 5);
    private static final NativeFunction SENDMSG = NativeFunction.ofLong("sendmsg", 3);
    private static final NativeFunction RECVMSG = NativeFunction.ofLong("recvmsg", 3);

    private LibcSocket() {}

    /** A new socket; type is {@code SOCK_…}, flags included. Answers the descriptor. */
    public static int socket(int domain, int type, int protocol) {
        return (int) SOCKET.call(domain, type, protocol);
    }

    /** Gives a socket its address. */
    public static int bind(int fd, long address, int length) {
        return (int) BIND.call(fd, address, length);
    }

    public static int listen(int fd, int backlog) {
        return (int) LISTEN.call(fd, backlog);
    }

    /** Takes a connection; flags are {@code SOCK_NONBLOCK} and {@code SOCK_CLOEXEC}. */
    public static int accept(int fd, int flags) {
        return (int) ACCEPT4.call(fd, 0, 0, flags);
    }

    public static int connect(int fd, long address, int length) {
        return (int) CONNECT.call(fd, address, length);
    }

    /** Asks for an option; the int at the second address is the room, and then the length. */
    public static int getsockopt(int fd, int level, int option, long value, long length) {
        return (int) GETSOCKOPT.call(fd, level, option, value, length);
    }

    /** Sends what a struct msghdr describes; flags are {@code MSG_…}. Answers the bytes. */
    public static long sendmsg(int fd, long message, int flags) {
        return SENDMSG.call(fd, message, flags);
    }

    /** Receives into what a struct msghdr describes. Answers the bytes, 0 at the end. */
    public static long recvmsg(int fd, long message, int flags) {
        return RECVMSG.call(fd, message, flags);
    }
}
