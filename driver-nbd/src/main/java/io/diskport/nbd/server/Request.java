package io.diskport.nbd.server;

import io.diskport.support.Lane;
import java.nio.ByteBuffer;

/**
 * A request that is done by another thread than the one that received it, with its payload or the
 * data of its reply. Used again and again by its connection.
 */
final class Request implements Lane.Link<Request> {
    /** What stands before the payload of the reply, or all of the reply. */
    final ByteBuffer head = ByteBuffer.allocateDirect(Reply.MAX_SIZE);

    int type;
    int flags;
    long cookie;

    /** Where the request began, which a reply repeats. */
    long requested;

    /** Where to go on: parts of it may have been done before. */
    long offset;

    long length;

    /** What a client wants to know of a BLOCK_STATUS: bits of the contexts' numbers. */
    int contexts;

    /** The data to write, or the one that was read; of the connection's pool. */
    ByteBuffer data;

    /** How much of {@link #data} was accounted for. */
    long accounted;

    /** Learns how long it took, if it is a write that could have been done at once. */
    WriteGuess timed;

    /** The one behind this in a queue. */
    Request next;

    @Override
    public Request next() {
        return next;
    }

    @Override
    public void setNext(Request request) {
        next = request;
    }

    void set(Header header) {
        type = header.type;
        flags = header.flags;
        cookie = header.cookie;
        requested = header.requested;
        offset = header.offset;
        length = header.length;
        contexts = header.contexts;
        head.clear();
    }
}
