package io.diskport.it.fuse;

import java.util.SplittableRandom;

/** What is written: bytes that only one write makes, none of them zero; or all of them zero. */
final class Pattern {
    static final long ZEROES = 0;

    private Pattern() {}

    static byte[] bytes(long seed, int length) {
        byte[] bytes = new byte[length];
        if (seed == ZEROES) {
            return bytes;
        }
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < length; i += Long.BYTES) {
            long word = random.nextLong() | 0x0101010101010101L;
            for (int j = i; j < Math.min(length, i + Long.BYTES); j++) {
                bytes[j] = (byte) word;
                word >>>= Byte.SIZE;
            }
        }
        return bytes;
    }
}
