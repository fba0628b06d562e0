package io.diskport.vhost.blk;

import io.diskport.api.BlockIOException;
import io.diskport.api.node.AsyncRequest;
import io.diskport.support.Lane;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * One request of a guest: what its chain of descriptors says, read once and checked. Reused; it has
 * one owner at a time: the queue's thread, a thread of the node, then whoever tells the guest.
 */
final class Request extends AsyncRequest implements Lane.Link<Request> {
    private static final int FIRST_SEGMENTS = 8;

    /** In a list or stack of requests. */
    Request next;

    /** The descriptor that its chain begins with. */
    int head;

    int type;
    long sector;

    /** Its data in guest memory: what is read into, or written from. */
    ByteBuffer[] data = new ByteBuffer[FIRST_SEGMENTS];

    int count;

    /** Bytes of its data. */
    long length;

    /** In bytes; of IN, OUT, DISCARD and WRITE_ZEROES. */
    long offset;

    /** Of DISCARD and WRITE_ZEROES: bytes, and flags of their range. */
    long rangeLength;

    int rangeFlags;

    /** Where the status goes. */
    Window statusWindow;

    int statusAt;

    byte status;

    /** Bytes of data that were written to guest memory. */
    int written;

    private final NodeWork node;
    private Window[] windows = new Window[FIRST_SEGMENTS];

    /** An empty one. @param node hears of what the node had begun, and has ended */
    Request(NodeWork node) {
        this.node = node;
    }

    /** Appends a piece of data. Of the queue's thread. */
    void add(int queue, Window window, int at, int size) {
        if (count == data.length) {
            data = Arrays.copyOf(data, 2 * count);
            windows = Arrays.copyOf(windows, 2 * count);
        }
        data[count] = window.take(queue, at, size);
        windows[count] = window;
        count++;
        length += size;
    }

    /** Gives its views of guest memory back. Of the queue's thread. */
    void clear(int queue) {
        for (int i = 0; i < count; i++) {
            windows[i].giveBack(queue, data[i]);
            windows[i] = null;
            data[i] = null;
        }
        count = 0;
        length = 0;
        written = 0;
        statusWindow = null;
    }

    @Override
    public Request next() {
        return next;
    }

    @Override
    public void setNext(Request request) {
        next = request;
    }

    @Override
    protected void done() {
        node.done(this);
    }

    @Override
    protected void undone() {
        node.undone(this);
    }

    @Override
    protected void failed(BlockIOException failure) {
        node.failed(this, failure);
    }

    /** Writes the status into guest memory. @throws InternalError where it is not there any more */
    void putStatus() {
        statusWindow.memory.put(statusAt, status);
    }
}
