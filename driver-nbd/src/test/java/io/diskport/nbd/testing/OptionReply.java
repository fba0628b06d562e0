package io.diskport.nbd.testing;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A server's answer to an option.
 *
 * @param type of the reply
 * @param data behind its header
 */
public record OptionReply(int type, byte[] data) {
    /** Whether no more of them follow. */
    public boolean isLast() {
        return type == Wire.REP_ACK || type < 0;
    }

    /** The kind of information that it has. */
    public int infoType() {
        return fields().getShort() & 0xffff;
    }

    public ByteBuffer fields() {
        return ByteBuffer.wrap(data);
    }

    /** What is behind so many bytes, as text. */
    public String textFrom(int at) {
        return new String(data, at, data.length - at, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "0x" + Integer.toHexString(type) + " " + (type < 0 ? textFrom(0) : data.length);
    }
}
