package io.diskport.nbd.node;

import io.diskport.nbd.protocol.Nbd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;

/**
 * One request and what came of it; used again and again.
 *
 * <p>Its owner fills it in and sends it. From then on until it is answered or lost, whoever reads
 * the connection writes to it and to its buffers.
 */
final class Request {
    private enum State {
        PENDING,
        ANSWERED,
        LOST
    }

    /** A read may fail at several offsets, but not without end. */
    private static final int MOST_ERRORS = 1000;

    private final int index;
    private final ByteBuffer header = ByteBuffer.allocateDirect(Nbd.EXTENDED_REQUEST_SIZE);
    private final Payload payload = new Payload();
    private int command;
    private int flags;
    private long offset;
    private long length;
    private long sequence;
    private long cookie;
    private Thread thread;
    private volatile State state = State.LOST;
    private volatile boolean waiting;

    private int error;
    private String errorText = "";
    private int errors;
    private long extentLength;
    private int extentFlags;

    /**
     * A request.
     *
     * @param index its place among all that are in flight at once
     */
    Request(int index) {
        this.index = index;
    }

    /** Makes it one without payload. */
    Request of(int newCommand, int newFlags, long newOffset, long newLength) {
        command = newCommand;
        flags = newFlags;
        offset = newOffset;
        length = newLength;
        return this;
    }

    /** Makes it one that fills or sends a buffer. */
    Request of(int newCommand, int newFlags, long newOffset, ByteBuffer buffer) {
        payload.set(buffer);
        return of(newCommand, newFlags, newOffset, buffer.remaining());
    }

    /** Makes it one that fills or sends buffers of so many bytes together. */
    Request of(
            int newCommand,
            int newFlags,
            long newOffset,
            long newLength,
            ByteBuffer[] buffers,
            int first,
            int count) {
        payload.set(buffers, first, count);
        return of(newCommand, newFlags, newOffset, newLength);
    }

    /** Gets it ready to be sent over a connection, for the first time or again. */
    void begin(Dialect dialect) {
        payload.rewind();
        error = 0;
        errorText = "";
        errors = 0;
        extentLength = 0;
        cookie = ++sequence * InFlight.SLOTS + index;
        boolean extended = dialect == Dialect.EXTENDED;
        boolean sizedPayload = extended && command == Nbd.CMD_WRITE;
        header.clear()
                .putInt(dialect.requestMagic())
                .putShort((short) (sizedPayload ? flags | Nbd.CMD_FLAG_PAYLOAD_LEN : flags))
                .putShort((short) command)
                .putLong(cookie)
                .putLong(offset);
        if (extended) {
            header.putLong(length);
        } else {
            header.putInt((int) length);
        }
        header.flip();
        thread = Thread.currentThread();
        waiting = false;
        state = State.PENDING;
    }

    /** Forgets the buffers, which are the caller's. */
    void release() {
        payload.clear();
        thread = null;
    }

    int index() {
        return index;
    }

    long cookie() {
        return cookie;
    }

    ByteBuffer header() {
        return header;
    }

    int command() {
        return command;
    }

    long offset() {
        return offset;
    }

    long length() {
        return length;
    }

    Payload payload() {
        return payload;
    }

    boolean sendsPayload() {
        return command == Nbd.CMD_WRITE;
    }

    boolean isPending() {
        return state == State.PENDING;
    }

    boolean isLost() {
        return state == State.LOST;
    }

    /** Whether its thread is parked until it is woken, or about to be. */
    boolean isWaiting() {
        return waiting;
    }

    /** Set before the thread looks for the last time whether it has to wait. */
    void setWaiting(boolean now) {
        waiting = now;
    }

    void wake() {
        LockSupport.unpark(thread);
    }

    /** Ends it with what has been noted; nobody but its owner touches it afterwards. */
    void answered() {
        // read first: once it is answered it may be in use again
        Thread owner = thread;
        state = State.ANSWERED;
        if (waiting) {
            LockSupport.unpark(owner);
        }
    }

    /** The connection is gone, and nobody reads from it any more. */
    void lost() {
        state = State.LOST;
    }

    /** Notes an error of the server; the first one counts. */
    void fail(int number, String text) throws ProtocolViolation {
        if (++errors > MOST_ERRORS) {
            throw new ProtocolViolation("a request is answered with too many errors");
        }
        if (error == 0) {
            error = number;
            errorText = text;
        }
    }

    /** The protocol's number, or 0. */
    int error() {
        return error;
    }

    /** What the server said to it; may be empty. */
    String errorText() {
        return errorText;
    }

    void setExtent(long newLength, int newFlags) {
        extentLength = newLength;
        extentFlags = newFlags;
    }

    /** How many bytes the status is for; 0 while none is known. */
    long extentLength() {
        return extentLength;
    }

    int extentFlags() {
        return extentFlags;
    }

    /** Whether every byte that was asked for has come. */
    boolean isCovered() {
        return payload.received() == length;
    }

    /** Reads bytes of the range into its buffers. */
    void receive(Inbound inbound, long from, long bytes) throws IOException {
        check(from, bytes);
        payload.receive(inbound, (int) (from - offset), (int) bytes);
    }

    /** Fills a part of the range with zeroes. */
    void receiveHole(long from, long bytes) throws IOException {
        check(from, bytes);
        payload.receiveHole((int) (from - offset), (int) bytes);
    }

    private void check(long from, long bytes) throws ProtocolViolation {
        if (bytes <= 0 || from < offset || bytes > length || from - offset > length - bytes) {
            throw new ProtocolViolation(
                    Long.toUnsignedString(bytes)
                            + " bytes at "
                            + Long.toUnsignedString(from)
                            + " answer a read of "
                            + length
                            + " bytes at "
                            + offset);
        }
    }
}
