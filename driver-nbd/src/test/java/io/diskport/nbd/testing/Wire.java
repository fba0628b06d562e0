package io.diskport.nbd.testing;

import java.nio.ByteBuffer;

/**
 * The numbers and forms of the protocol once more, written from its text for the tests alone, so
 * that a mistake in the product's own is found.
 */
public final class Wire {
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

    public static final int REP_ACK = 1;
    public static final int REP_SERVER = 2;
    public static final int REP_INFO = 3;
    public static final int REP_META_CONTEXT = 4;
    public static final int ERR_UNSUP = 0x80000001;
    public static final int ERR_POLICY = 0x80000002;
    public static final int ERR_INVALID = 0x80000003;
    public static final int ERR_TLS_REQD = 0x80000005;
    public static final int ERR_UNKNOWN = 0x80000006;
    public static final int ERR_SHUTDOWN = 0x80000007;
    public static final int ERR_TOO_BIG = 0x80000009;
    public static final int ERR_EXT_HEADER_REQD = 0x8000000a;

    public static final int READ = 0;
    public static final int WRITE = 1;
    public static final int DISC = 2;
    public static final int FLUSH = 3;
    public static final int TRIM = 4;
    public static final int CACHE = 5;
    public static final int WRITE_ZEROES = 6;
    public static final int BLOCK_STATUS = 7;
    public static final int RESIZE = 8;

    public static final int FUA = 1;
    public static final int NO_HOLE = 2;
    public static final int DF = 4;
    public static final int REQ_ONE = 8;
    public static final int FAST_ZERO = 16;
    public static final int PAYLOAD_LEN = 32;

    public static final int EPERM = 1;
    public static final int EIO = 5;
    public static final int ENOMEM = 12;
    public static final int EINVAL = 22;
    public static final int ENOSPC = 28;
    public static final int EOVERFLOW = 75;
    public static final int ENOTSUP = 95;
    public static final int ESHUTDOWN = 108;

    public static final int MIB = 1 << 20;

    /** How the two speak once the handshake is over. */
    public enum Style {
        SIMPLE,
        STRUCTURED,
        EXTENDED
    }

    private Wire() {}

    /** A request's header, whatever its fields are. */
    public static byte[] request(
            Style style, int flags, int type, long cookie, long offset, long length) {
        boolean extended = style == Style.EXTENDED;
        ByteBuffer header = ByteBuffer.allocate(extended ? 32 : 28);
        header.putInt(extended ? 0x21e41c71 : 0x25609513);
        header.putShort((short) flags).putShort((short) type).putLong(cookie).putLong(offset);
        if (extended) {
            header.putLong(length);
        } else {
            header.putInt((int) length);
        }
        return header.array();
    }

    /** An option with its data. */
    public static byte[] option(int option, byte[] data) {
        ByteBuffer all = ByteBuffer.allocate(16 + data.length);
        all.putLong(0x49484156454F5054L).putInt(option).putInt(data.length).put(data);
        return all.array();
    }

    /** The data of INFO and GO. */
    public static byte[] info(byte[] name, int... types) {
        ByteBuffer data = ByteBuffer.allocate(6 + name.length + 2 * types.length);
        data.putInt(name.length).put(name).putShort((short) types.length);
        for (int type : types) {
            data.putShort((short) type);
        }
        return data.array();
    }

    /** The data of LIST_META_CONTEXT and SET_META_CONTEXT. */
    public static byte[] contexts(String export, String... queries) {
        byte[] name = utf8(export);
        int length = 8 + name.length;
        for (String query : queries) {
            length += 4 + utf8(query).length;
        }
        ByteBuffer data = ByteBuffer.allocate(length);
        data.putInt(name.length).put(name).putInt(queries.length);
        for (String query : queries) {
            data.putInt(utf8(query).length).put(utf8(query));
        }
        return data.array();
    }

    /** The payload of a BLOCK_STATUS. */
    public static byte[] statusPayload(long length, int... contexts) {
        ByteBuffer payload = ByteBuffer.allocate(8 + 4 * contexts.length).putLong(length);
        for (int context : contexts) {
            payload.putInt(context);
        }
        return payload.array();
    }

    public static byte[] utf8(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    /** Several, one after the other. */
    public static byte[] join(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteBuffer all = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }

    /** Bytes of which none are zero, and which are others for another seed. */
    public static byte[] pattern(int length, long seed) {
        byte[] bytes = new byte[length];
        long state = seed * 0x9e3779b97f4a7c15L + 1;
        for (int i = 0; i < length; i++) {
            state ^= state << 13;
            state ^= state >>> 7;
            state ^= state << 17;
            bytes[i] = (byte) (state | 1);
        }
        return bytes;
    }
}
