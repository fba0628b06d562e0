package io.diskport.fuse.engine;

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
 * Waiting for the next request, for a change of the mount table, and for being woken. One thread
 * waits at a time; any other may wake it.
 */
final class RequestWait implements AutoCloseable {
    // POLLPRI and POLLERR (proc_pid_mounts(5))
    private static final short CHANGED = 2 | LibcConstants.POLLERR;

    // struct pollfd (poll(2)), three times
    private static final int POLLFD = 8;
    private static final int EVENTS = 4;
    private static final int RESULT = 6;

    private final Runnable mountsChanged;
    private final int wake;
    private final int mounts;
    private final ByteBuffer poll = NativeMemory.allocate(3 * POLLFD, POLLFD);
    private boolean closed;

    /**
     * Waits for nothing yet.
     *
     * @param descriptor of /dev/fuse, not closed here
     * @param mountsChanged called by the thread that waits; takes no time to speak of
     */
    RequestWait(int descriptor, Runnable mountsChanged) throws BlockException {
        this.mountsChanged = mountsChanged;
        wake = checked(LibcHost.eventfd(0, LibcConstants.EFD_CLOEXEC));
        int table = Libc.open("/proc/self/mountinfo", LibcConstants.O_CLOEXEC, 0);
        if (table < 0) {
            Libc.close(wake);
        }
        mounts = checked(table);
        poll.putInt(0, descriptor).putShort(EVENTS, (short) LibcConstants.POLLIN);
        poll.putInt(POLLFD, wake).putShort(POLLFD + EVENTS, (short) LibcConstants.POLLIN);
        poll.putInt(2 * POLLFD, mounts).putShort(2 * POLLFD + EVENTS, CHANGED);
    }

    /** Returns when there may be a request, or somebody wakes. */
    void await() {
        int ready = LibcHost.poll(NativeMemory.address(poll), 3, -1);
        if (ready > 0 && (poll.getShort(2 * POLLFD + RESULT) & CHANGED) != 0) {
            mountsChanged.run();
        }
    }

    /** Ends the waiting, now and from now on. */
    synchronized void wake() {
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
            Libc.close(mounts);
        }
    }

    private static int checked(int descriptor) throws BlockException {
        if (descriptor < 0) {
            throw new BlockException(
                    Reason.FAILED,
                    "the mount cannot be waited for: " + NativeError.message(descriptor));
        }
        return descriptor;
    }
}
