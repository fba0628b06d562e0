package io.diskport.nbd.protocol;

/**
 * The numbers of the NBD protocol, named as in its specification (doc/proto.md of the
 * NetworkBlockDevice/nbd project), whose sections are given. All fields are big-endian.
 */
public final class Nbd {
    /** The port of TCP that IANA gave to NBD. */
    public static final int DEFAULT_PORT = 10809;

    // Section "Newstyle negotiation"
    public static final long MAGIC = 0x4e42444d41474943L; // NBDMAGIC
    public static final long OPTS_MAGIC = 0x49484156454F5054L; // IHAVEOPT
    public static final long REP_MAGIC = 0x3e889045565a9L;

    // Section "Handshake flags"; the client's have the same numbers.
    public static final int FLAG_FIXED_NEWSTYLE = 1;
    public static final int FLAG_NO_ZEROES = 1 << 1;

    // Section "Option types"
    public static final int OPT_EXPORT_NAME = 1;
    public static final int OPT_ABORT = 2;
    public static final int OPT_LIST = 3;
    public static final int OPT_STARTTLS = 5;
    public static final int OPT_INFO = 6;
    public static final int OPT_GO = 7;
    public static final int OPT_STRUCTURED_REPLY = 8;
    public static final int OPT_LIST_META_CONTEXT = 9;
    public static final int OPT_SET_META_CONTEXT = 10;
    public static final int OPT_EXTENDED_HEADERS = 11;

    // Section "Option reply types"
    public static final int REP_ACK = 1;
    public static final int REP_SERVER = 2;
    public static final int REP_INFO = 3;
    public static final int REP_META_CONTEXT = 4;
    private static final int REP_ERROR = 1 << 31;
    public static final int REP_ERR_UNSUP = REP_ERROR | 1;
    public static final int REP_ERR_POLICY = REP_ERROR | 2;
    public static final int REP_ERR_INVALID = REP_ERROR | 3;
    public static final int REP_ERR_PLATFORM = REP_ERROR | 4;
    public static final int REP_ERR_TLS_REQD = REP_ERROR | 5;
    public static final int REP_ERR_UNKNOWN = REP_ERROR | 6;
    public static final int REP_ERR_SHUTDOWN = REP_ERROR | 7;
    public static final int REP_ERR_BLOCK_SIZE_REQD = REP_ERROR | 8;
    public static final int REP_ERR_TOO_BIG = REP_ERROR | 9;
    public static final int REP_ERR_EXT_HEADER_REQD = REP_ERROR | 10;

    // Section "Option types", NBD_OPT_INFO
    public static final int INFO_EXPORT = 0;
    public static final int INFO_NAME = 1;
    public static final int INFO_DESCRIPTION = 2;
    public static final int INFO_BLOCK_SIZE = 3;

    // Section "Transmission flags"
    public static final int FLAG_HAS_FLAGS = 1;
    public static final int FLAG_READ_ONLY = 1 << 1;
    public static final int FLAG_SEND_FLUSH = 1 << 2;
    public static final int FLAG_SEND_FUA = 1 << 3;
    public static final int FLAG_ROTATIONAL = 1 << 4;
    public static final int FLAG_SEND_TRIM = 1 << 5;
    public static final int FLAG_SEND_WRITE_ZEROES = 1 << 6;
    public static final int FLAG_SEND_DF = 1 << 7;
    public static final int FLAG_CAN_MULTI_CONN = 1 << 8;
    public static final int FLAG_SEND_RESIZE = 1 << 9;
    public static final int FLAG_SEND_CACHE = 1 << 10;
    public static final int FLAG_SEND_FAST_ZERO = 1 << 11;
    public static final int FLAG_BLOCK_STATUS_PAYLOAD = 1 << 12;

    // Section "Request types"
    public static final int CMD_READ = 0;
    public static final int CMD_WRITE = 1;
    public static final int CMD_DISC = 2;
    public static final int CMD_FLUSH = 3;
    public static final int CMD_TRIM = 4;
    public static final int CMD_CACHE = 5;
    public static final int CMD_WRITE_ZEROES = 6;
    public static final int CMD_BLOCK_STATUS = 7;
    public static final int CMD_RESIZE = 8;

    // Section "Command flags"
    public static final int CMD_FLAG_FUA = 1;
    public static final int CMD_FLAG_NO_HOLE = 1 << 1;
    public static final int CMD_FLAG_DF = 1 << 2;
    public static final int CMD_FLAG_REQ_ONE = 1 << 3;
    public static final int CMD_FLAG_FAST_ZERO = 1 << 4;
    public static final int CMD_FLAG_PAYLOAD_LEN = 1 << 5;

    // Section "Request message": magic u32, flags u16, type u16, cookie u64, offset u64, length u32
    public static final int REQUEST_MAGIC = 0x25609513;
    public static final int REQUEST_SIZE = 28;
    // "Extended request message": the same with a length of u64
    public static final int EXTENDED_REQUEST_MAGIC = 0x21e41c71;
    public static final int EXTENDED_REQUEST_SIZE = 32;

    // Section "Simple reply message": magic u32, error u32, cookie u64
    public static final int SIMPLE_REPLY_MAGIC = 0x67446698;
    public static final int SIMPLE_REPLY_SIZE = 16;
    // "Structured reply chunk message": magic u32, flags u16, type u16, cookie u64, length u32
    public static final int STRUCTURED_REPLY_MAGIC = 0x668e33ef;
    public static final int STRUCTURED_REPLY_SIZE = 20;
    // "Extended reply chunk message": magic u32, flags u16, type u16, cookie u64, offset u64,
    // length u64
    public static final int EXTENDED_REPLY_MAGIC = 0x6e8a278c;
    public static final int EXTENDED_REPLY_SIZE = 32;

    // Section "Structured reply flags" and "Structured reply types"
    public static final int REPLY_FLAG_DONE = 1;
    public static final int REPLY_TYPE_NONE = 0;
    public static final int REPLY_TYPE_OFFSET_DATA = 1;
    public static final int REPLY_TYPE_OFFSET_HOLE = 2;
    public static final int REPLY_TYPE_BLOCK_STATUS = 5;
    public static final int REPLY_TYPE_BLOCK_STATUS_EXT = 6;
    public static final int REPLY_TYPE_ERROR = 1 << 15 | 1;
    public static final int REPLY_TYPE_ERROR_OFFSET = 1 << 15 | 2;

    // Section "Metadata querying"
    public static final String BASE_ALLOCATION = "base:allocation";
    public static final int STATE_HOLE = 1;
    public static final int STATE_ZERO = 1 << 1;

    // Section "Error values"
    public static final int EPERM = 1;
    public static final int EIO = 5;
    public static final int ENOMEM = 12;
    public static final int EINVAL = 22;
    public static final int ENOSPC = 28;
    public static final int EOVERFLOW = 75;
    public static final int ENOTSUP = 95;
    public static final int ESHUTDOWN = 108;

    /** The longest string, in bytes (section "Conventions"). */
    public static final int MAX_STRING = 4096;

    /** The largest payload that every peer takes, in bytes (section "Block size constraints"). */
    public static final int MAX_PAYLOAD = 32 << 20;

    private Nbd() {}
}
