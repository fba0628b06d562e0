package io.diskport.nbd.node;

import io.diskport.api.node.BlockLimits;
import io.diskport.nbd.protocol.Nbd;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.StringJoiner;

/**
 * What a server said of its export when a connection was made.
 *
 * @param size in bytes
 * @param flags the transmission flags
 * @param minimumBlock a power of two up to 64 KiB
 * @param preferredBlock a power of two
 * @param maximumBlock the largest payload
 * @param allocationContext the number of base:allocation where it was agreed on
 */
record RemoteExport(
        long size,
        int flags,
        int minimumBlock,
        int preferredBlock,
        int maximumBlock,
        Dialect dialect,
        OptionalInt allocationContext) {
    /** Servers start about 16 threads for a connection; more in flight keep them busy. */
    private static final int PARALLELISM = InFlight.SLOTS;

    private static final String[] FLAG_NAMES = {
        "",
        "read-only",
        "flush",
        "fua",
        "rotational",
        "trim",
        "write-zeroes",
        "df",
        "multi-conn",
        "resize",
        "cache",
        "fast-zero",
        "block-status-payload"
    };

    /** What the node does differently where the server does not offer it. */
    private static final int USED =
            Nbd.FLAG_SEND_FLUSH
                    | Nbd.FLAG_SEND_FUA
                    | Nbd.FLAG_SEND_TRIM
                    | Nbd.FLAG_SEND_WRITE_ZEROES
                    | Nbd.FLAG_SEND_FAST_ZERO
                    | Nbd.FLAG_SEND_CACHE
                    | Nbd.FLAG_SEND_RESIZE;

    boolean offers(int flag) {
        return (flags & flag) != 0;
    }

    boolean readOnly() {
        return offers(Nbd.FLAG_READ_ONLY);
    }

    BlockLimits limits() {
        return BlockLimits.ANY
                .withAlignment(minimumBlock, 1)
                .withLengths(Math.max(minimumBlock, preferredBlock), maximumBlock)
                .withParallelism(PARALLELISM);
    }

    /**
     * Why a node that began with this export cannot go on with another one; empty if it can.
     *
     * @param length the node's length now
     * @param writable whether the node is written to
     */
    Optional<String> objection(RemoteExport other, long length, boolean writable) {
        if (other.size < length) {
            return Optional.of("it has shrunk from " + length + " to " + other.size + " bytes");
        }
        if (writable && other.readOnly()) {
            return Optional.of("it can only be read now");
        }
        if (other.minimumBlock > minimumBlock || other.maximumBlock < maximumBlock) {
            return Optional.of(
                    "its requests have "
                            + other.minimumBlock
                            + " to "
                            + other.maximumBlock
                            + " bytes now, and had "
                            + minimumBlock
                            + " to "
                            + maximumBlock);
        }
        int missing = flags & ~other.flags & USED;
        if (missing != 0) {
            return Optional.of("the server does not offer " + names(missing) + " any more");
        }
        if (dialect == Dialect.EXTENDED && other.dialect != Dialect.EXTENDED) {
            return Optional.of("the server does not offer " + dialect + " any more");
        }
        return Optional.empty();
    }

    String flagNames() {
        return names(flags);
    }

    private static String names(int bits) {
        StringJoiner names = new StringJoiner(", ");
        for (int i = 1; i < FLAG_NAMES.length; i++) {
            if ((bits & 1 << i) != 0) {
                names.add(FLAG_NAMES[i]);
            }
        }
        return names.toString();
    }
}
