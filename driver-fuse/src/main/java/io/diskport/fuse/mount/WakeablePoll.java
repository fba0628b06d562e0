package io.diskport.fuse.mount;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.LibcHost;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeMemory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/**
 * Waiting for events of a descriptor, and for being woken (poll(2), eventfd(2)). One thread waits
 * at a time; any other may wake it.
 */
public final class WakeablePoll implements AutoCloseable {
    // struct pollfd (poll(2)), twice
    private static final int POLLFD = 8;
    private static final int EVENTS = 4;
    private static final int RESULT = 6;

    private final int events;
    private final int wake;
    private final ByteBuffer poll = NativeMemory.allocate(2 * POLLFD, POLLFD);
    private boolean closed;

    /**
     * Waits for nothing yet.
     *
     * @param descriptor not closed here
     * @param events to wait for, of {@code POLL…}
     */
    public WakeablePoll(int descriptor, int events) throws BlockException {
        this.events = events;
        wake = LibcHost.eventfd(0, LibcConstants.EFD_CLOEXEC);
        if (wake < 0) {
            throw new BlockException(
                    Reason.FAILED, "the mount cannot be waited for: " + NativeError.message(wake));
        }
        poll.putInt(0, descriptor).putShort(EVENTS, (short) events);
        poll.putInt(POLLFD, wake).putShort(POLLFD + EVENTS, (short) LibcConstants.POLLIN);
    }

    /** Returns when there are events, or somebody wakes; tells whether there are events. */
    public boolean await() {
        int ready = LibcHost.poll(NativeMemory.address(poll), 2, -1);
        return ready > 0 && (poll.getShort(RESULT) & events) != 0;
    }

    /** Ends the waiting, now and from now on. */
    public synchronized void wake() {
        // Once it is closed there is nobody to wake, and the number may be another file's.
        if (!closed) {
            ByteBuffer one = NativeMemory.allocate(Long.BYTES, Long.BYTES).putLong(0, 1);
            Libc.write(wake, NativeMemory.address(one), Long.BYTES);
            Reference.reachabilityFence(one);
        }
    }

    /** Nobody waits any more. Idempotent. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Libc.close(wake);
        }
    }
}
