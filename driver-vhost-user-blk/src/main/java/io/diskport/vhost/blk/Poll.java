package io.diskport.vhost.blk;

import io.diskport.natives.LibcConstants;
import io.diskport.natives.LibcHost;
import io.diskport.natives.NativeMemory;
import java.nio.ByteBuffer;

/** Waits for some descriptors at once (poll(2)). Of one thread. */
final class Poll {
    static final int IN = LibcConstants.POLLIN;
    static final int OUT = LibcConstants.POLLOUT;

    /** In the place of a descriptor: wait for nothing. */
    static final int NONE = -1;

    // struct pollfd
    private static final int POLLFD = 8;
    private static final int EVENTS = 4;
    private static final int RESULT = 6;

    private final int count;
    private final ByteBuffer descriptors;
    private final long address;

    Poll(int count) {
        this.count = count;
        this.descriptors = NativeMemory.allocate(count * POLLFD, POLLFD);
        this.address = NativeMemory.address(descriptors);
        for (int i = 0; i < count; i++) {
            set(i, NONE, 0);
        }
    }

    /** What one of the places waits for. */
    void set(int place, int descriptor, int events) {
        descriptors.putInt(place * POLLFD, descriptor);
        descriptors.putShort(place * POLLFD + EVENTS, (short) events);
        descriptors.putShort(place * POLLFD + RESULT, (short) 0);
    }

    /** Waits, at most so long; -1 is without an end. */
    void await(int millis) {
        if (LibcHost.poll(address, count, millis) <= 0) {
            for (int i = 0; i < count; i++) {
                descriptors.putShort(i * POLLFD + RESULT, (short) 0);
            }
        }
    }

    /** Whether there was something at a place, an error included. */
    boolean has(int place) {
        return descriptors.getShort(place * POLLFD + RESULT) != 0;
    }
}
