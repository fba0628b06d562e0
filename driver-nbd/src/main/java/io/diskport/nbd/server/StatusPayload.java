package io.diskport.nbd.server;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What a BLOCK_STATUS with a payload asks for (section "Request types", NBD_CMD_BLOCK_STATUS).
 *
 * @param length how far to look
 * @param contexts of which metadata contexts, as bits
 */
record StatusPayload(long length, int contexts) {
    /** What a payload says; empty if it is malformed or names a context that was not agreed on. */
    static Optional<StatusPayload> of(byte[] payload, int agreed) {
        if (payload.length < Long.BYTES + Integer.BYTES || payload.length % Integer.BYTES != 0) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(payload);
        long length = in.getLong();
        int contexts = 0;
        while (in.hasRemaining()) {
            int bit = bit(in.getInt());
            if ((agreed & bit) == 0 || (contexts & bit) != 0) {
                return Optional.empty();
            }
            contexts |= bit;
        }
        return Optional.of(new StatusPayload(length, contexts));
    }

    private static int bit(int id) {
        for (MetaContext context : MetaContext.values()) {
            if (context.id() == id) {
                return context.bit();
            }
        }
        return 0;
    }
}
