package io.diskport.nbd.node;

import io.diskport.nbd.protocol.Nbd;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads chunks of block status; only the first extent of one is of interest. */
final class BlockStatusReader {
    /** The protocol's bound (section "Structured reply types"). */
    private static final int MOST_EXTENTS = 1 << 20;

    private final Inbound inbound;
    private final RemoteExport export;

    BlockStatusReader(Inbound inbound, RemoteExport export) {
        this.inbound = inbound;
        this.export = export;
    }

    /**
     * Reads one into its request.
     *
     * @return false if it is none, or not one that fits
     */
    boolean read(Request request, int type, long length) throws IOException {
        boolean extended = type == Nbd.REPLY_TYPE_BLOCK_STATUS_EXT;
        int head = extended ? 8 : 4;
        int extent = extended ? 16 : 8;
        boolean known =
                type == Nbd.REPLY_TYPE_BLOCK_STATUS
                        || extended && export.dialect() == Dialect.EXTENDED;
        boolean fits =
                length >= head + extent
                        && (length - head) % extent == 0
                        && (length - head) / extent <= MOST_EXTENTS;
        if (!known || !fits || request.command() != Nbd.CMD_BLOCK_STATUS) {
            return false;
        }
        ByteBuffer bytes = inbound.need(head + extent);
        int context = bytes.getInt();
        long count = extended ? bytes.getInt() & 0xffffffffL : (length - head) / extent;
        long size = extended ? bytes.getLong() : bytes.getInt() & 0xffffffffL;
        long state = extended ? bytes.getLong() : bytes.getInt();
        boolean right =
                export.allocationContext().isPresent()
                        && context == export.allocationContext().getAsInt()
                        && count == (length - head) / extent
                        && size != 0
                        && request.extentLength() == 0;
        if (!right) {
            return false;
        }
        inbound.skip(length - head - extent);
        // the last extent may go on behind what was asked for
        boolean longer = Long.compareUnsigned(size, request.length()) > 0;
        request.setExtent(longer ? request.length() : size, (int) state);
        return true;
    }
}
