package io.diskport.fuse.kernel;

/**
 * Numbers and layouts of the kernel's FUSE protocol, version 7, named as in the kernel's public
 * header linux/fuse.h. Offsets of a request's fields count from the end of its header, those of a
 * reply's from the end of the reply's header.
 */
final class Protocol {
    static final int MAJOR = 7;

    /** The first version whose INIT reply has today's 64 bytes (Linux 3.15). */
    static final int OLDEST_MINOR = 23;

    /** The version that is spoken here: the first with passthrough (Linux 6.9). */
    static final int MINOR = 40;

    static final long ROOT_ID = 1;

    // opcodes: enum fuse_opcode
    static final int FORGET = 2;
    static final int GETATTR = 3;
    static final int SETATTR = 4;
    static final int OPEN = 14;
    static final int READ = 15;
    static final int WRITE = 16;
    static final int STATFS = 17;
    static final int RELEASE = 18;
    static final int FSYNC = 20;
    static final int FLUSH = 25;
    static final int INIT = 26;
    static final int INTERRUPT = 36;
    static final int NOTIFY_REPLY = 41;
    static final int BATCH_FORGET = 42;
    static final int FALLOCATE = 43;
    static final int LSEEK = 46;
    static final int COPY_FILE_RANGE = 47;

    /** Above all opcodes that are counted apart. */
    static final int OPCODES = 64;

    // struct fuse_in_header
    static final int IN_HEADER = 40;
    static final int IN_LEN = 0;
    static final int IN_OPCODE = 4;
    static final int IN_UNIQUE = 8;
    static final int IN_NODEID = 16;
    static final int IN_PID = 32;

    // struct fuse_out_header
    static final int OUT_HEADER = 16;

    /** An error number beyond it is refused, and its request never answered (fs/fuse/dev.c). */
    static final int LARGEST_ERRNO = 511;

    // struct fuse_init_in, up to flags (older kernels) and up to flags2
    static final int INIT_IN = 16;
    static final int INIT_IN_EXT = 20;

    // struct fuse_init_out
    static final int INIT_OUT = 64;
    static final long ASYNC_READ = 1L;
    static final long ATOMIC_O_TRUNC = 1L << 3;
    static final long BIG_WRITES = 1L << 5;
    static final long ASYNC_DIO = 1L << 15;
    static final long MAX_PAGES = 1L << 22;
    static final long HANDLE_KILLPRIV_V2 = 1L << 28;
    static final long INIT_EXT = 1L << 30;
    static final long DIRECT_IO_ALLOW_MMAP = 1L << 36;
    static final long PASSTHROUGH = 1L << 37;

    // struct fuse_attr_out: a time for which it is valid, and struct fuse_attr
    static final int ATTR_OUT = 104;
    static final int ATTR = 16;

    // struct fuse_setattr_in
    static final int SETATTR_IN = 88;
    static final int FATTR_MODE = 1;
    static final int FATTR_UID = 1 << 1;
    static final int FATTR_GID = 1 << 2;
    static final int FATTR_SIZE = 1 << 3;
    static final int FATTR_ATIME = 1 << 4;
    static final int FATTR_MTIME = 1 << 5;
    static final int FATTR_FH = 1 << 6;
    static final int FATTR_ATIME_NOW = 1 << 7;
    static final int FATTR_MTIME_NOW = 1 << 8;
    static final int FATTR_KILL_SUIDGID = 1 << 11;

    // struct fuse_open_in, fuse_open_out
    static final int OPEN_IN = 8;
    static final int OPEN_OUT = 16;
    static final int OPEN_KILL_SUIDGID = 1;
    static final int FOPEN_DIRECT_IO = 1;
    static final int FOPEN_KEEP_CACHE = 1 << 1;
    static final int FOPEN_NOFLUSH = 1 << 5;
    static final int FOPEN_PARALLEL_DIRECT_WRITES = 1 << 6;
    static final int FOPEN_PASSTHROUGH = 1 << 7;

    // struct fuse_read_in, fuse_write_in, fuse_write_out
    static final int READ_IN = 40;
    static final int WRITE_IN = 40;
    static final int WRITE_OUT = 8;
    static final int WRITE_CACHE = 1;
    static final int WRITE_KILL_SUIDGID = 1 << 2;

    // struct fuse_release_in, fuse_flush_in, fuse_fsync_in
    static final int RELEASE_IN = 24;
    static final int FLUSH_IN = 24;
    static final int FSYNC_IN = 16;

    // struct fuse_statfs_out
    static final int STATFS_OUT = 80;

    // struct fuse_fallocate_in
    static final int FALLOCATE_IN = 32;

    // struct fuse_lseek_in, fuse_lseek_out
    static final int LSEEK_IN = 24;
    static final int LSEEK_OUT = 8;

    // struct fuse_copy_file_range_in; the answer is a fuse_write_out
    static final int COPY_FILE_RANGE_IN = 56;

    // notifications: enum fuse_notify_code, in the place of a reply's error
    static final int NOTIFY_RETRIEVE = 5;
    static final int NOTIFY_RETRIEVE_OUT = 32;

    // ioctls of /dev/fuse
    static final long DEV_IOC_CLONE = 0x8004E500L;
    static final long DEV_IOC_BACKING_OPEN = 0x4010E501L;

    private Protocol() {}

    /** An operation's name, for people; also of those that are refused with ENOSYS. */
    static String name(int opcode) {
        return switch (opcode) {
            case 1 -> "LOOKUP";
            case FORGET -> "FORGET";
            case GETATTR -> "GETATTR";
            case SETATTR -> "SETATTR";
            case OPEN -> "OPEN";
            case READ -> "READ";
            case WRITE -> "WRITE";
            case STATFS -> "STATFS";
            case RELEASE -> "RELEASE";
            case FSYNC -> "FSYNC";
            case 21 -> "SETXATTR";
            case 22 -> "GETXATTR";
            case 23 -> "LISTXATTR";
            case 24 -> "REMOVEXATTR";
            case FLUSH -> "FLUSH";
            case 34 -> "ACCESS";
            case INTERRUPT -> "INTERRUPT";
            case 37 -> "BMAP";
            case 39 -> "IOCTL";
            case 40 -> "POLL";
            case NOTIFY_REPLY -> "NOTIFY_REPLY";
            case BATCH_FORGET -> "BATCH_FORGET";
            case FALLOCATE -> "FALLOCATE";
            case LSEEK -> "LSEEK";
            case COPY_FILE_RANGE -> "COPY_FILE_RANGE";
            case 52 -> "STATX";
            default -> "opcode " + opcode;
        };
    }
}
