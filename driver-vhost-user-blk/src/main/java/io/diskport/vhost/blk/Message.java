package io.diskport.vhost.blk;

import io.diskport.natives.NativeDescriptor;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * A message of the front-end ("Message specification"). Of the thread of messages, until the next
 * one is received.
 */
final class Message {
    private final int request;
    private final int flags;
    private final ByteBuffer payload;
    private final Deque<NativeDescriptor> descriptors;

    /**
     * A message as it came.
     *
     * @param payload little-endian, from 0 to its limit
     * @param descriptors those that nobody takes are closed
     */
    Message(int request, int flags, ByteBuffer payload, List<NativeDescriptor> descriptors) {
        this.request = request;
        this.flags = flags;
        this.payload = payload;
        this.descriptors = new ArrayDeque<>(descriptors);
    }

    int request() {
        return request;
    }

    boolean needsReply() {
        return (flags & VhostUser.NEED_REPLY) != 0;
    }

    ByteBuffer payload() {
        return payload;
    }

    /** The payload, if it has the size that the request has. */
    ByteBuffer payload(int size) throws Misbehaviour {
        if (payload.limit() != size) {
            throw new Misbehaviour(
                    "request %d has a payload of %d bytes, not %d"
                            .formatted(request, payload.limit(), size));
        }
        return payload;
    }

    /** A payload that is one number. */
    long u64() throws Misbehaviour {
        return payload(Long.BYTES).getLong(0);
    }

    /** How many descriptors came with it and were not taken. */
    int descriptors() {
        return descriptors.size();
    }

    /** The next descriptor, which is the caller's from now on. */
    NativeDescriptor takeDescriptor() throws Misbehaviour {
        NativeDescriptor descriptor = descriptors.poll();
        if (descriptor == null) {
            throw new Misbehaviour("request %d came without its descriptor".formatted(request));
        }
        return descriptor;
    }

    void closeDescriptors() {
        descriptors.forEach(NativeDescriptor::close);
        descriptors.clear();
    }
}
