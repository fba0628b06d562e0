package io.diskport.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A reply's bytes, taken apart as linux/fuse.h has them: len, error, unique and what follows. */
record Reply(int error, long unique, byte[] body) {
    private static final int HEADER = 16;

    /** Fails unless the header says how long the reply is. */
    static Reply of(byte[] bytes) {
        ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        assertEquals(bytes.length, all.getInt(0), "len");
        byte[] body = Arrays.copyOfRange(bytes, HEADER, bytes.length);
        return new Reply(all.getInt(4), all.getLong(8), body);
    }

    int u32(int offset) {
        return ByteBuffer.wrap(body).order(ByteOrder.nativeOrder()).getInt(offset);
    }

    int u16(int offset) {
        return ByteBuffer.wrap(body).order(ByteOrder.nativeOrder()).getChar(offset);
    }

    long u64(int offset) {
        return ByteBuffer.wrap(body).order(ByteOrder.nativeOrder()).getLong(offset);
    }
}
