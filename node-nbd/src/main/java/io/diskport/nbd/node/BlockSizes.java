package io.diskport.nbd.node;

import io.diskport.nbd.protocol.Nbd;
import java.nio.ByteBuffer;

/**
 * What lengths requests may have (section "Block size constraints").
 *
 * @param minimum a power of two up to 64 KiB, of which offsets and lengths are multiples
 * @param preferred a power of two, at least the minimum
 * @param maximum the largest payload, a multiple of the minimum up to 32 MiB
 */
record BlockSizes(int minimum, int preferred, int maximum) {
    /** What is to be assumed of a server that says nothing. */
    static final BlockSizes DEFAULT = new BlockSizes(1, 4096, Nbd.MAX_PAYLOAD);

    private static final int LARGEST_MINIMUM = 1 << 16;

    static BlockSizes parse(ByteBuffer info) throws ProtocolViolation {
        if (info.remaining() != 12) {
            throw new ProtocolViolation("sizes of blocks in " + info.remaining() + " bytes");
        }
        long minimum = info.getInt() & 0xffffffffL;
        long preferred = info.getInt() & 0xffffffffL;
        long maximum = info.getInt() & 0xffffffffL;
        if (Long.bitCount(minimum) != 1 || minimum > LARGEST_MINIMUM || maximum < minimum) {
            throw new ProtocolViolation(
                    "blocks of at least "
                            + minimum
                            + " and at most "
                            + maximum
                            + " bytes are not possible");
        }
        // more is allowed where a server says so, and gains nothing
        long most = Math.min(maximum, Nbd.MAX_PAYLOAD) & -minimum;
        boolean usable = Long.bitCount(preferred) == 1 && preferred >= minimum && preferred <= most;
        return new BlockSizes(
                (int) minimum,
                (int) (usable ? preferred : Math.max(minimum, DEFAULT.preferred)),
                (int) most);
    }
}
