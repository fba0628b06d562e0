package io.diskport.nbd.server;

import io.diskport.api.Errno;
import io.diskport.nbd.protocol.Nbd;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** How replies are written, as server and client have agreed (sections "Reply messages"). */
enum Reply {
    /** A header without a length: the client knows what follows. */
    SIMPLE,
    /** Chunks that say what they are. */
    STRUCTURED,
    /** The same, with 64 bits for lengths, and the request's offset. */
    EXTENDED;

    /** The most that stands before the data of one chunk. */
    static final int MAX_HEADER = Nbd.EXTENDED_REPLY_SIZE + Long.BYTES;

    private static final int LONGEST_MESSAGE = 400;

    /** The most that one reply without data may have. */
    static final int MAX_SIZE = Nbd.EXTENDED_REPLY_SIZE + 6 + LONGEST_MESSAGE;

    private static final int MAX_ERRNO = 128;
    private static final int[] ERRORS = errors();

    /** How long a request's header is. */
    int requestSize() {
        return this == EXTENDED ? Nbd.EXTENDED_REQUEST_SIZE : Nbd.REQUEST_SIZE;
    }

    int requestMagic() {
        return this == EXTENDED ? Nbd.EXTENDED_REQUEST_MAGIC : Nbd.REQUEST_MAGIC;
    }

    /** What stands before the data of a chunk or reply to a read. */
    int readHeader() {
        return switch (this) {
            case SIMPLE -> Nbd.SIMPLE_REPLY_SIZE;
            case STRUCTURED -> Nbd.STRUCTURED_REPLY_SIZE + Long.BYTES;
            case EXTENDED -> Nbd.EXTENDED_REPLY_SIZE + Long.BYTES;
        };
    }

    /** The header of data that follows. */
    void putData(
            ByteBuffer out, long cookie, long requested, long offset, int length, boolean last) {
        if (this == SIMPLE) {
            putSimple(out, cookie, 0);
        } else {
            putChunk(
                    out,
                    cookie,
                    requested,
                    Nbd.REPLY_TYPE_OFFSET_DATA,
                    Long.BYTES + (long) length,
                    last);
            out.putLong(offset);
        }
    }

    /** A chunk that says that a range reads as zeroes. */
    void putHole(
            ByteBuffer out, long cookie, long requested, long offset, int length, boolean last) {
        putChunk(
                out,
                cookie,
                requested,
                Nbd.REPLY_TYPE_OFFSET_HOLE,
                Long.BYTES + Integer.BYTES,
                last);
        out.putLong(offset).putInt(length);
    }

    /** Says that a request was done, and that nothing more follows. */
    void putDone(ByteBuffer out, long cookie, long requested) {
        if (this == SIMPLE) {
            putSimple(out, cookie, 0);
        } else {
            putChunk(out, cookie, requested, Nbd.REPLY_TYPE_NONE, 0, true);
        }
    }

    /** Says that a request failed, and why. */
    void putError(ByteBuffer out, long cookie, long requested, int error, String message) {
        if (this == SIMPLE) {
            putSimple(out, cookie, error);
            return;
        }
        byte[] text = Texts.cut(message, LONGEST_MESSAGE);
        putChunk(
                out,
                cookie,
                requested,
                Nbd.REPLY_TYPE_ERROR,
                Integer.BYTES + Short.BYTES + (long) text.length,
                true);
        out.putInt(error).putShort((short) text.length).put(text);
    }

    /** The header of one context's extents, {@code length} bytes with what is put here. */
    void putStatus(
            ByteBuffer out, long cookie, long requested, int context, int extents, boolean last) {
        if (this == EXTENDED) {
            putChunk(
                    out,
                    cookie,
                    requested,
                    Nbd.REPLY_TYPE_BLOCK_STATUS_EXT,
                    2L * Integer.BYTES + extents * 2L * Long.BYTES,
                    last);
            out.putInt(context).putInt(extents);
        } else {
            putChunk(
                    out,
                    cookie,
                    requested,
                    Nbd.REPLY_TYPE_BLOCK_STATUS,
                    Integer.BYTES + extents * 2L * Integer.BYTES,
                    last);
            out.putInt(context);
        }
    }

    private static void putSimple(ByteBuffer out, long cookie, int error) {
        out.putInt(Nbd.SIMPLE_REPLY_MAGIC).putInt(error).putLong(cookie);
    }

    private void putChunk(
            ByteBuffer out, long cookie, long requested, int type, long length, boolean last) {
        int flags = last ? Nbd.REPLY_FLAG_DONE : 0;
        if (this == EXTENDED) {
            out.putInt(Nbd.EXTENDED_REPLY_MAGIC).putShort((short) flags).putShort((short) type);
            out.putLong(cookie).putLong(requested).putLong(length);
        } else {
            out.putInt(Nbd.STRUCTURED_REPLY_MAGIC).putShort((short) flags).putShort((short) type);
            out.putLong(cookie).putInt((int) length);
        }
    }

    /** The number that NBD has for an error (section "Error values"). */
    static int error(Errno errno) {
        return ERRORS[errno.number()];
    }

    private static int[] errors() {
        int[] errors = new int[MAX_ERRNO];
        for (Errno errno : Errno.values()) {
            errors[errno.number()] =
                    switch (errno) {
                        case EPERM, EACCES, EROFS -> Nbd.EPERM;
                        case ENOMEM -> Nbd.ENOMEM;
                        case EINVAL -> Nbd.EINVAL;
                        case ENOSPC, EFBIG, EDQUOT -> Nbd.ENOSPC;
                        case EOVERFLOW -> Nbd.EOVERFLOW;
                        case EOPNOTSUPP -> Nbd.ENOTSUP;
                        case ESHUTDOWN -> Nbd.ESHUTDOWN;
                        default -> Nbd.EIO;
                    };
        }
        return errors;
    }

    /** Texts of the protocol. */
    static final class Texts {
        private Texts() {}

        /** A text's bytes, as many as fit and no half character. */
        static byte[] cut(String text, int most) {
            byte[] bytes = (text == null ? "" : text).getBytes(StandardCharsets.UTF_8);
            if (bytes.length <= most) {
                return bytes;
            }
            int end = most;
            while (end > 0 && (bytes[end] & 0xC0) == 0x80) {
                end--;
            }
            return java.util.Arrays.copyOf(bytes, end);
        }
    }
}
