package io.diskport.nbd.server;

import io.diskport.nbd.protocol.Nbd;
import java.util.Optional;

/**
 * What a request may be, given what server and client have agreed on (sections "Request types" and
 * "Command flags").
 *
 * @param reply how replies are written
 * @param features the transmission flags that the client was told
 * @param contexts the metadata contexts that were agreed on, as bits
 */
record Rules(Reply reply, int features, int contexts) {
    private static final int MOST_STATUS_PAYLOAD = 8 + 4 * 64;

    /** A request that is not done. */
    record Refusal(int error, String message) {}

    /** Why a request is refused before anybody looks at its range; empty if it is not. */
    Optional<Refusal> check(Header request) {
        int allowed = allowedFlags(request.type);
        if (allowed < 0) {
            return invalid("request type %d is not known, or was not offered", request.type);
        }
        int unknown = request.flags & ~allowed;
        if (unknown != 0) {
            return invalid("flags 0x%x are not for request type %d", unknown, request.type);
        }
        if (changes(request.type) && (features & Nbd.FLAG_READ_ONLY) != 0) {
            return Optional.of(new Refusal(Nbd.EPERM, "the export is read-only"));
        }
        return switch (request.type) {
            case Nbd.CMD_READ, Nbd.CMD_WRITE ->
                    request.length < 0 || request.length > Nbd.MAX_PAYLOAD
                            ? invalid("length %d is more than 32 MiB", request.length)
                            : Optional.empty();
            case Nbd.CMD_BLOCK_STATUS -> checkStatus(request);
            case Nbd.CMD_RESIZE ->
                    request.length != 0 || request.offset < 0
                            ? invalid("the new size is the offset, and the length is 0")
                            : Optional.empty();
            default -> Optional.empty();
        };
    }

    private Optional<Refusal> checkStatus(Header request) {
        if (contexts == 0) {
            return invalid("no metadata context was agreed on");
        }
        boolean tooLong = request.length < 0 || request.length > MOST_STATUS_PAYLOAD;
        return request.hasPayload() && tooLong
                ? invalid("a payload of %d bytes", request.length)
                : Optional.empty();
    }

    /** The flags that a request type may have; FUA is accepted on any. -1: no such type. */
    private int allowedFlags(int type) {
        boolean extended = reply == Reply.EXTENDED;
        return switch (type) {
            case Nbd.CMD_READ -> Nbd.CMD_FLAG_FUA | (reply == Reply.SIMPLE ? 0 : Nbd.CMD_FLAG_DF);
            case Nbd.CMD_WRITE -> Nbd.CMD_FLAG_FUA | (extended ? Nbd.CMD_FLAG_PAYLOAD_LEN : 0);
            case Nbd.CMD_DISC, Nbd.CMD_FLUSH, Nbd.CMD_TRIM, Nbd.CMD_CACHE -> Nbd.CMD_FLAG_FUA;
            case Nbd.CMD_WRITE_ZEROES ->
                    Nbd.CMD_FLAG_FUA | Nbd.CMD_FLAG_NO_HOLE | Nbd.CMD_FLAG_FAST_ZERO;
            case Nbd.CMD_BLOCK_STATUS ->
                    reply == Reply.SIMPLE
                            ? -1
                            : Nbd.CMD_FLAG_FUA
                                    | Nbd.CMD_FLAG_REQ_ONE
                                    | (extended ? Nbd.CMD_FLAG_PAYLOAD_LEN : 0);
            case Nbd.CMD_RESIZE -> (features & Nbd.FLAG_SEND_RESIZE) != 0 ? Nbd.CMD_FLAG_FUA : -1;
            default -> -1;
        };
    }

    private static boolean changes(int type) {
        return type == Nbd.CMD_WRITE
                || type == Nbd.CMD_TRIM
                || type == Nbd.CMD_WRITE_ZEROES
                || type == Nbd.CMD_RESIZE;
    }

    /** Why a range cannot be used; empty if it can. Lengths have no sign on the wire. */
    static Optional<Refusal> checkRange(Header request, long size) {
        if (request.offset >= 0 && request.offset <= size) {
            long left = size - request.offset;
            if (Long.compareUnsigned(request.length, left) <= 0) {
                return Optional.empty();
            }
        }
        boolean negative = request.offset < 0;
        boolean writes = request.type == Nbd.CMD_WRITE || request.type == Nbd.CMD_WRITE_ZEROES;
        return Optional.of(
                new Refusal(
                        writes && !negative ? Nbd.ENOSPC : Nbd.EINVAL,
                        "%s+%s is outside of the export's %d bytes"
                                .formatted(
                                        Long.toUnsignedString(request.offset),
                                        Long.toUnsignedString(request.length),
                                        size)));
    }

    private static Optional<Refusal> invalid(String format, Object... values) {
        return Optional.of(new Refusal(Nbd.EINVAL, format.formatted(values)));
    }
}
