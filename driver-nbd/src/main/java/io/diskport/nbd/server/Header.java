package io.diskport.nbd.server;

import io.diskport.nbd.protocol.Nbd;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;

/**
 * The header of the request that is looked at (sections "Request message"); used again for each.
 */
final class Header {
    private final Reply reply;
    int flags;
    int type;
    long cookie;
    long offset;
    long length;

    /** What a reply repeats as the offset; the request's own, unless it is the rest of another. */
    long requested;

    /** Of a BLOCK_STATUS: the metadata contexts that are asked for, as bits. */
    int contexts;

    Header(Reply reply) {
        this.reply = reply;
    }

    /** Takes a header from the buffer's position on. */
    void read(ByteBuffer from) throws IOException {
        int at = from.position();
        if (from.getInt(at) != reply.requestMagic()) {
            throw new ProtocolException(
                    "a request begins with 0x%08x and not with 0x%08x"
                            .formatted(from.getInt(at), reply.requestMagic()));
        }
        flags = from.getShort(at + 4) & 0xffff;
        type = from.getShort(at + 6) & 0xffff;
        cookie = from.getLong(at + 8);
        offset = from.getLong(at + 16);
        requested = offset;
        length = wide() ? from.getLong(at + 24) : from.getInt(at + 24) & 0xffff_ffffL;
        from.position(at + reply.requestSize());
    }

    /** Puts a header like it, for the rest of the request. */
    void write(ByteBuffer to, long restOffset, long restLength) {
        to.putInt(reply.requestMagic()).putShort((short) flags).putShort((short) type);
        to.putLong(cookie).putLong(restOffset);
        if (wide()) {
            to.putLong(restLength);
        } else {
            to.putInt((int) restLength);
        }
    }

    int size() {
        return reply.requestSize();
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Whether bytes follow the header, {@link #length} of them. */
    boolean hasPayload() {
        return type == Nbd.CMD_WRITE || wide() && has(Nbd.CMD_FLAG_PAYLOAD_LEN);
    }

    private boolean wide() {
        return reply == Reply.EXTENDED;
    }
}
