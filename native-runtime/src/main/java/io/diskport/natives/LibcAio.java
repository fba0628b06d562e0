package io.diskport.natives;

/**
 * Linux's own asynchronous I/O (linux/aio_abi.h), for which libc has no functions.
 *
 * <p>Results are zero or more, or the negated error number; -ENOSYS on a processor whose numbers of
 * system calls are not known here. Safe on any thread; addresses are the caller's to keep until
 * what was submitted has come back.
 */
public final class LibcAio {
    /** The size of a struct iocb. */
    public static final int IOCB_SIZE = 64;

    // Where its members are, on a little-endian machine.
    public static final int IOCB_DATA = 0;
    public static final int IOCB_RW_FLAGS = 12;
    public static final int IOCB_OPCODE = 16;
    public static final int IOCB_FD = 20;
    public static final int IOCB_BUF = 24;
    public static final int IOCB_NBYTES = 32;
    public static final int IOCB_OFFSET = 40;

    public static final short IOCB_CMD_PREADV = 7;
    public static final short IOCB_CMD_PWRITEV = 8;

    /** The size of a struct io_event. */
    public static final int EVENT_SIZE = 32;

    // Where its members are.
    public static final int EVENT_DATA = 0;
    public static final int EVENT_RES = 16;

    private static final int UNKNOWN = -1;
    private static final boolean X86 = "amd64".equals(System.getProperty("os.arch"));
    private static final boolean ARM = "aarch64".equals(System.getProperty("os.arch"));
    private static final int SETUP = number(206, 0);
    private static final int DESTROY = number(207, 1);
    private static final int GETEVENTS = number(208, 4);
    private static final int SUBMIT = number(209, 2);

    private static final NativeFunction SYSCALL_2 = NativeFunction.ofLong("syscall", 2);
    private static final NativeFunction SYSCALL_3 = NativeFunction.ofLong("syscall", 3);
    private static final NativeFunction SYSCALL_4 = NativeFunction.ofLong("syscall", 4);
    private static final NativeFunction SYSCALL_6 = NativeFunction.ofLong("syscall", 6);

    private LibcAio() {}

    private static int number(int x86, int arm) {
        return X86 ? x86 : ARM ? arm : UNKNOWN;
    }

    /** io_setup: a new context for so many requests, whose number it writes to the address. */
    public static int setup(int requests, long context) {
        return SETUP == UNKNOWN
                ? -NativeError.ENOSYS
                : (int) SYSCALL_3.call(SETUP, requests, context);
    }

    /** io_destroy: waits for what is under way, and has those return who wait for events. */
    public static int destroy(long context) {
        return (int) SYSCALL_2.call(DESTROY, context);
    }

    /** io_submit, of an array of addresses of iocbs. Answers how many were taken. */
    public static int submit(long context, long count, long addresses) {
        return (int) SYSCALL_4.call(SUBMIT, context, count, addresses);
    }

    /** io_getevents without a limit of time. Answers how many came; -EINVAL after destroy. */
    public static int getevents(long context, long least, long most, long events) {
        return (int) SYSCALL_6.call(GETEVENTS, context, least, most, events, 0);
    }
}
