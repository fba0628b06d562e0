package io.diskport.vhost.blk.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** Puts payloads together, little-endian. */
public final class Bytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public static Bytes of() {
        return new Bytes();
    }

    public Bytes u8(int value) {
        out.write(value);
        return this;
    }

    public Bytes u16(int value) {
        return u8(value & 0xff).u8(value >> 8 & 0xff);
    }

    public Bytes u32(long value) {
        return u16((int) value & 0xffff).u16((int) (value >> 16) & 0xffff);
    }

    public Bytes u64(long value) {
        return u32(value).u32(value >> 32);
    }

    public Bytes put(byte[] bytes) {
        out.write(bytes, 0, bytes.length);
        return this;
    }

    public Bytes zeroes(int count) {
        return put(new byte[count]);
    }

    public byte[] array() {
        return out.toByteArray();
    }

    /** A payload of one number. */
    public static byte[] u64Of(long value) {
        return of().u64(value).array();
    }

    public static long getU64(byte[] bytes, int offset) {
        return buffer(bytes).getLong(offset);
    }

    public static int getU32(byte[] bytes, int offset) {
        return buffer(bytes).getInt(offset);
    }

    public static int getU16(byte[] bytes, int offset) {
        return buffer(bytes).getShort(offset) & 0xffff;
    }

    private static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Bytes that look like no other seed's. */
    public static byte[] pattern(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
