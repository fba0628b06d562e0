package io.diskport.vhost.blk.testing;

import io.diskport.natives.IoVectors;
import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.LibcHost;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeMemory;
import java.nio.ByteBuffer;

/** An eventfd: kick, call or error of a queue. Waiting is for one thread, signalling for any. */
public final class Event implements AutoCloseable {
    private static final int POLLFD = 8;

    private final int fd;
    private final ByteBuffer memory = NativeMemory.allocate(32, 8);
    private final long pollfd = NativeMemory.address(memory);
    private final long counter = pollfd + POLLFD;
    private final IoVectors vectors = new IoVectors(1);
    private final long one = pollfd + 2 * POLLFD;

    /** As QEMU makes them: reads do not wait. */
    public Event() {
        this(Sys.O_NONBLOCK);
    }

    private Event(int flags) {
        fd = Sys.eventfd(flags);
        memory.putInt(0, fd);
        memory.putShort(4, Sys.POLLIN);
        memory.putLong(2 * POLLFD, 1);
    }

    /** One at which who reads or writes may wait, as no front-end should make it. */
    public static Event blocking() {
        return new Event(0);
    }

    /** Signals as often as there is room for: whoever signals once more waits. */
    public void fill() {
        memory.putLong(2 * POLLFD, -2);
        signal();
        memory.putLong(2 * POLLFD, 1);
    }

    /** Takes what was signalled before its owner does, if there is something; never waits. */
    public void steal() {
        vectors.clear().add(counter, 8);
        Libc.preadv2(fd, vectors, -1, LibcConstants.RWF_NOWAIT);
    }

    public int fd() {
        return fd;
    }

    public void signal() {
        Sys.checked("write to an eventfd", Libc.write(fd, one, 8));
    }

    /** Waits, and takes what was signalled. @return whether something was */
    public boolean await(int millis) {
        int ready = LibcHost.poll(pollfd, 1, millis);
        return ready > 0 && take() > 0;
    }

    /** How often it was signalled since this was last asked. */
    public long take() {
        long read = Libc.read(fd, counter, 8);
        if (read == -NativeError.EAGAIN) {
            return 0;
        }
        Sys.checked("read of an eventfd", read);
        return memory.getLong(POLLFD);
    }

    @Override
    public void close() {
        Sys.close(fd);
    }
}
