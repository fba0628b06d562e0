package io.diskport.natives;

/**
 * Calls that concern the host and not one file: mounts, identities, waiting.
 *
 * <p>Results are zero or more, or the negated error number.
 */
public final class LibcHost {
    private static final NativeFunction MOUNT = NativeFunction.ofInt("mount", 5);
    private static final NativeFunction UMOUNT2 = NativeFunction.ofInt("umount2", 2);
    private static final NativeFunction GETUID = NativeFunction.ofInt("getuid", 0);
    private static final NativeFunction GETEUID = NativeFunction.ofInt("geteuid", 0);
    private static final NativeFunction GETGID = NativeFunction.ofInt("getgid", 0);
    private static final NativeFunction GETEGID = NativeFunction.ofInt("getegid", 0);
    private static final NativeFunction GETPID = NativeFunction.ofInt("getpid", 0);
    private static final NativeFunction EVENTFD = NativeFunction.ofInt("eventfd", 2);
    private static final NativeFunction POLL = NativeFunction.ofInt("poll", 3);

    private LibcHost() {}

    /** mount(2). An empty data string stands for none. */
    public static int mount(String source, String target, String type, long flags, String data) {
        long a = NativeMemory.newString(source);
        long b = NativeMemory.newString(target);
        long c = NativeMemory.newString(type);
        long d = NativeMemory.newString(data);
        try {
            long bad = Math.min(Math.min(a, b), Math.min(c, d));
            return (int) (bad < 0 ? bad : MOUNT.call(a, b, c, flags, data.isEmpty() ? 0 : d));
        } finally {
            NativeMemory.free(a);
            NativeMemory.free(b);
            NativeMemory.free(c);
            NativeMemory.free(d);
        }
    }

    /** Unmounts; flags are {@code MNT_DETACH} and its kind. */
    public static int umount2(String target, int flags) {
        long name = NativeMemory.newString(target);
        if (name < 0) {
            return (int) name;
        }
        try {
            return (int) UMOUNT2.call(name, flags);
        } finally {
            NativeMemory.free(name);
        }
    }

    /** The real user id. Ids above 2³¹ come out negative: they are ids, not errors. */
    public static int getuid() {
        return identity(GETUID);
    }

    /** The effective user id. */
    public static int geteuid() {
        return identity(GETEUID);
    }

    /** The real group id. */
    public static int getgid() {
        return identity(GETGID);
    }

    /** The effective group id. */
    public static int getegid() {
        return identity(GETEGID);
    }

    public static int getpid() {
        return identity(GETPID);
    }

    /** A counter to wait for; flags are {@code EFD_…}. Answers the descriptor. */
    public static int eventfd(int initial, int flags) {
        return (int) EVENTFD.call(initial, flags);
    }

    /** poll(2) on an array of struct pollfd (int fd, short events, short revents; 8 bytes each). */
    public static int poll(long pollfds, int count, int timeoutMillis) {
        return (int) POLL.call(pollfds, count, timeoutMillis);
    }

    private static int identity(NativeFunction function) {
        return (int) function.call();
    }
}
