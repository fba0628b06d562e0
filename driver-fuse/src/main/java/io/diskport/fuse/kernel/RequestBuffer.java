package io.diskport.fuse.kernel;

import io.diskport.natives.NativeBlock;
import io.diskport.natives.NativeError;
import java.nio.ByteBuffer;

/**
 * The memory of one worker: a request, then its reply, one at a time.
 *
 * <p>A request is read to 80 bytes before a page, so that the payload of a WRITE starts on the
 * page; a READ puts its data there too, and the reply's header right before it, so that both leave
 * in one system call. A reply overwrites its request: whoever answers has read all fields before.
 *
 * <p>Every access is checked against the memory's bounds, and {@link #has} tells whether a request
 * is as long as its operation needs.
 */
final class RequestBuffer implements AutoCloseable {
    private static final int PAGE = 4096;
    private static final int REQUEST = PAGE - Protocol.IN_HEADER - Protocol.WRITE_IN;
    private static final int BODY = REQUEST + Protocol.IN_HEADER;
    // FUSE_MIN_READ_BUFFER: the kernel gives no request to less
    private static final int LEAST = 2 * PAGE;
    private static final int REPLY = PAGE - Protocol.OUT_HEADER;

    private final NativeBlock block;
    private final ByteBuffer memory;
    private final ByteBuffer data;
    private final int capacity;
    private final int room;
    private int opcode;
    private int process;
    private int length;
    private long unique;
    private long node;
    private int replyLength;
    private int error;

    /**
     * A buffer.
     *
     * @param capacity the most data of a READ or WRITE, in bytes
     */
    RequestBuffer(int capacity) {
        this.capacity = capacity;
        room = PAGE + Math.max(LEAST, capacity);
        block = new NativeBlock(room, PAGE);
        memory = block.view(0, room);
        data = block.view(PAGE, capacity);
    }

    /** Where a request goes, see {@link #received}. */
    long requestAddress() {
        return block.address() + REQUEST;
    }

    /** How long a request may be. */
    int requestRoom() {
        return room - REQUEST;
    }

    /**
     * Looks at the header of a request that was put to {@link #requestAddress}.
     *
     * @param received its length in bytes
     * @return false if it is too short to have a header, so that it cannot be answered either
     */
    boolean received(int received) {
        replyLength = 0;
        error = 0;
        if (received < Protocol.IN_HEADER) {
            return false;
        }
        length = Math.max(0, Math.min(received, memory.getInt(REQUEST + Protocol.IN_LEN)));
        opcode = memory.getInt(REQUEST + Protocol.IN_OPCODE);
        unique = memory.getLong(REQUEST + Protocol.IN_UNIQUE);
        node = memory.getLong(REQUEST + Protocol.IN_NODEID);
        process = memory.getInt(REQUEST + Protocol.IN_PID);
        return true;
    }

    int opcode() {
        return opcode;
    }

    long unique() {
        return unique;
    }

    /** The inode that the request is about. */
    long node() {
        return node;
    }

    /** The process that asks; 0 if the kernel does itself. */
    int process() {
        return process;
    }

    /** Whether the request has at least so many bytes beyond its header. */
    boolean has(int bytes) {
        return bodyLength() >= bytes;
    }

    /** How many bytes the request has beyond its header. */
    int bodyLength() {
        return length - Protocol.IN_HEADER;
    }

    int getInt(int offset) {
        return memory.getInt(BODY + offset);
    }

    long getLong(int offset) {
        return memory.getLong(BODY + offset);
    }

    /** The most data of a READ or WRITE. */
    int capacity() {
        return capacity;
    }

    /** The payload of a WRITE, or the room for the data of a READ: valid until the next call. */
    ByteBuffer data(int bytes) {
        return data.limit(bytes).position(0);
    }

    /** Answers with an error number, or with 0 for success, and nothing else. */
    void reply(int negatedError) {
        // What the kernel would not take for an error would leave its client waiting for ever.
        boolean known = negatedError <= 0 && negatedError >= -Protocol.LARGEST_ERRNO;
        error = known ? negatedError : -NativeError.EIO;
        header(Protocol.OUT_HEADER, error);
    }

    /** Clears room for a reply's fields, to be filled with {@link #put}. */
    void replyBody(int bytes) {
        for (int i = 0; i < bytes; i += Long.BYTES) {
            memory.putLong(PAGE + i, 0);
        }
        header(Protocol.OUT_HEADER + bytes, 0);
    }

    void put(int offset, int value) {
        memory.putInt(PAGE + offset, value);
    }

    void put(int offset, long value) {
        memory.putLong(PAGE + offset, value);
    }

    /** Answers with the first bytes of {@link #data}. */
    void replyData(int bytes) {
        header(Protocol.OUT_HEADER + bytes, 0);
    }

    /** There will be no reply. */
    void noReply() {
        replyLength = 0;
    }

    /** The reply's address. */
    long replyAddress() {
        return block.address() + REPLY;
    }

    /** The reply's length in bytes; 0 for none. */
    int replyLength() {
        return replyLength;
    }

    /** The negated error number of the reply, 0 if it is none. */
    int error() {
        return error;
    }

    private void header(int bytes, int negatedError) {
        memory.putInt(REPLY, bytes);
        memory.putInt(REPLY + 4, negatedError);
        memory.putLong(REPLY + 8, unique);
        replyLength = bytes;
    }

    /** Frees the memory; nobody uses it any more. */
    @Override
    public void close() {
        block.close();
    }
}
