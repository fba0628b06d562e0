package io.diskport.nbd.node;

import io.diskport.nbd.protocol.Nbd;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads replies into the requests they are for, and believes nothing: what does not fit the request
 * or the protocol ends the connection. One thread at a time.
 */
final class ReplyReader {
    private static final int ERROR_SIZE = 6;
    private static final int ERROR_OFFSET_SIZE = ERROR_SIZE + 8;
    private static final int ERROR_BIT = 1 << 15;

    private final Inbound inbound;
    private final InFlight inFlight;
    private final RemoteExport export;
    private final BlockStatusReader blockStatus;

    ReplyReader(Inbound inbound, InFlight inFlight, RemoteExport export) {
        this.inbound = inbound;
        this.inFlight = inFlight;
        this.export = export;
        this.blockStatus = new BlockStatusReader(inbound, export);
    }

    /** Reads one message, and waits for it. */
    void read() throws IOException {
        ByteBuffer start = inbound.need(4);
        int magic = start.getInt(start.position());
        if (magic == Nbd.SIMPLE_REPLY_MAGIC && export.dialect() != Dialect.EXTENDED) {
            readSimple();
        } else if (magic == Nbd.STRUCTURED_REPLY_MAGIC && export.dialect() == Dialect.STRUCTURED) {
            readStructured();
        } else if (magic == Nbd.EXTENDED_REPLY_MAGIC && export.dialect() == Dialect.EXTENDED) {
            readExtended();
        } else {
            throw new ProtocolViolation(
                    "a reply begins with 0x"
                            + Integer.toHexString(magic)
                            + " on a connection of "
                            + export.dialect());
        }
    }

    /** Whether a whole message is there, so that reading it does not wait for the server. */
    boolean isBuffered() {
        ByteBuffer header = inbound.peek(Nbd.SIMPLE_REPLY_SIZE);
        if (header == null) {
            return false;
        }
        int at = header.position();
        int magic = header.getInt(at);
        if (magic == Nbd.SIMPLE_REPLY_MAGIC) {
            Request request = inFlight.find(header.getLong(at + 8));
            boolean data =
                    request != null
                            && request.command() == Nbd.CMD_READ
                            && header.getInt(at + 4) == 0;
            return !data || inbound.buffered() - Nbd.SIMPLE_REPLY_SIZE >= request.length();
        }
        if (magic == Nbd.STRUCTURED_REPLY_MAGIC) {
            return isBuffered(Nbd.STRUCTURED_REPLY_SIZE, 4);
        }
        return magic == Nbd.EXTENDED_REPLY_MAGIC && isBuffered(Nbd.EXTENDED_REPLY_SIZE, 8);
    }

    private boolean isBuffered(int headerSize, int lengthSize) {
        ByteBuffer header = inbound.peek(headerSize);
        if (header == null) {
            return false;
        }
        int at = header.position() + headerSize - lengthSize;
        long length = lengthSize == 4 ? header.getInt(at) & 0xffffffffL : header.getLong(at);
        return length >= 0 && length <= inbound.buffered() - headerSize;
    }

    private void readSimple() throws IOException {
        ByteBuffer header = inbound.need(Nbd.SIMPLE_REPLY_SIZE);
        header.getInt();
        int error = header.getInt();
        Request request = find(header.getLong());
        if (error != 0) {
            request.fail(error, "");
        } else if (request.command() == Nbd.CMD_READ) {
            if (export.dialect() != Dialect.SIMPLE) {
                throw new ProtocolViolation("a read is answered without chunks");
            }
            request.receive(inbound, request.offset(), request.length());
        } else if (request.command() == Nbd.CMD_BLOCK_STATUS) {
            throw new ProtocolViolation("a request for the block status is answered without it");
        }
        inFlight.answered(request);
    }

    private void readStructured() throws IOException {
        ByteBuffer header = inbound.need(Nbd.STRUCTURED_REPLY_SIZE);
        header.getInt();
        int flags = header.getShort();
        int type = header.getShort() & 0xffff;
        Request request = find(header.getLong());
        readChunk(request, flags, type, header.getInt() & 0xffffffffL);
    }

    private void readExtended() throws IOException {
        ByteBuffer header = inbound.need(Nbd.EXTENDED_REPLY_SIZE);
        header.getInt();
        int flags = header.getShort();
        int type = header.getShort() & 0xffff;
        Request request = find(header.getLong());
        long offset = header.getLong();
        long length = header.getLong();
        if (offset != request.offset()) {
            throw new ProtocolViolation(
                    "a request at "
                            + request.offset()
                            + " is answered as if it were at "
                            + Long.toUnsignedString(offset));
        }
        readChunk(request, flags, type, length);
    }

    private Request find(long cookie) throws ProtocolViolation {
        Request request = inFlight.find(cookie);
        if (request == null) {
            throw new ProtocolViolation(
                    "a reply has the cookie 0x"
                            + Long.toHexString(cookie)
                            + ", which no request has");
        }
        return request;
    }

    private void readChunk(Request request, int flags, int type, long length) throws IOException {
        boolean done = (flags & Nbd.REPLY_FLAG_DONE) != 0;
        if ((type & ERROR_BIT) != 0) {
            readError(request, type, length);
        } else if (type == Nbd.REPLY_TYPE_NONE) {
            check(length == 0 && done, type, length);
        } else if (type == Nbd.REPLY_TYPE_OFFSET_DATA) {
            check(request.command() == Nbd.CMD_READ && length > 8, type, length);
            request.receive(inbound, inbound.need(8).getLong(), length - 8);
        } else if (type == Nbd.REPLY_TYPE_OFFSET_HOLE) {
            check(request.command() == Nbd.CMD_READ && length == 12, type, length);
            ByteBuffer hole = inbound.need(12);
            long from = hole.getLong();
            request.receiveHole(from, hole.getInt() & 0xffffffffL);
        } else {
            check(blockStatus.read(request, type, length), type, length);
        }
        if (done) {
            finish(request);
        }
    }

    private void readError(Request request, int type, long length) throws IOException {
        boolean hasOffset = type == Nbd.REPLY_TYPE_ERROR_OFFSET;
        check(length >= ERROR_SIZE && length <= ERROR_OFFSET_SIZE + Nbd.MAX_STRING, type, length);
        ByteBuffer bytes = inbound.need((int) length);
        int end = bytes.position() + (int) length;
        int error = bytes.getInt();
        int textLength = bytes.getShort() & 0xffff;
        int fixed = hasOffset ? ERROR_OFFSET_SIZE : ERROR_SIZE;
        check(error != 0 && textLength <= length - fixed, type, length);
        byte[] text = new byte[textLength];
        bytes.get(text);
        if (hasOffset) {
            long offset = bytes.getLong();
            check(
                    offset >= request.offset() && offset - request.offset() <= request.length(),
                    type,
                    length);
        }
        bytes.position(end);
        request.fail(error, NbdErrors.quoted(text));
    }

    private void finish(Request request) throws ProtocolViolation {
        if (request.error() == 0) {
            if (request.command() == Nbd.CMD_READ && !request.isCovered()) {
                throw new ProtocolViolation(
                        "a read of " + request.length() + " bytes is answered in part");
            }
            if (request.command() == Nbd.CMD_BLOCK_STATUS && request.extentLength() == 0) {
                throw new ProtocolViolation(
                        "a request for the block status is answered without it");
            }
        }
        inFlight.answered(request);
    }

    private static void check(boolean right, int type, long length) throws ProtocolViolation {
        if (!right) {
            throw new ProtocolViolation(
                    "a chunk of type "
                            + type
                            + " and "
                            + Long.toUnsignedString(length)
                            + " bytes is wrong, or wrong for what it answers");
        }
    }
}
