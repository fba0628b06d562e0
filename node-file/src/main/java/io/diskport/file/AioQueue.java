package io.diskport.file;

import static io.diskport.natives.NativeError.EAGAIN;
import static io.diskport.natives.NativeError.EINTR;
import static io.diskport.natives.NativeError.EINVAL;
import static io.diskport.natives.NativeError.ENOSYS;
import static io.diskport.natives.NativeError.EOPNOTSUPP;

import io.diskport.api.Errno;
import io.diskport.api.node.AsyncRequest;
import io.diskport.natives.IoVectors;
import io.diskport.natives.LibcAio;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.NativeBlock;
import io.diskport.natives.NativeError;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Requests past the page cache that the kernel does by itself (io_submit): whoever brings one goes
 * on, and one thread hears of all that have ended. The kernel is asked not to wait in the call
 * (RWF_NOWAIT); what it would wait for is given back to the user, and so is what it does in part.
 */
final class AioQueue {
    private static final int MOST = 256;
    private static final int MOST_BUFFERS = 32;
    private static final int EVENTS = 64;
    private static final long LAST_EVENT_MILLIS = 1000;

    /** Added to the number of requests by close. */
    private static final int CLOSED = 1 << 30;

    private final OpenDescriptor descriptor;
    private final String name;
    private final AioSlots free = new AioSlots(MOST);
    private final AtomicReferenceArray<AsyncRequest> requests = new AtomicReferenceArray<>(MOST);
    private final IoVectors[] vectors = new IoVectors[MOST];
    private final NativeBlock block;
    private final ByteBuffer iocbs;
    private final ByteBuffer events;
    private final long addresses;
    private final long context;
    private final Thread reaper;

    /** Those under way, and the mark of the end. */
    private final AtomicInteger uses = new AtomicInteger();

    private volatile boolean useless;

    private AioQueue(OpenDescriptor descriptor, String name, NativeBlock block, long context) {
        this.descriptor = descriptor;
        this.name = name;
        this.block = block;
        this.context = context;
        int iocbBytes = MOST * LibcAio.IOCB_SIZE;
        this.iocbs = block.view(0, iocbBytes);
        ByteBuffer pointers = block.view(iocbBytes, MOST * Long.BYTES);
        this.events = block.view(iocbBytes + MOST * Long.BYTES, EVENTS * LibcAio.EVENT_SIZE);
        this.addresses = block.address() + iocbBytes;
        for (int i = 0; i < MOST; i++) {
            vectors[i] = new IoVectors(MOST_BUFFERS);
            pointers.putLong(i * Long.BYTES, block.address() + (long) i * LibcAio.IOCB_SIZE);
        }
        this.reaper = new Thread(this::reap, "diskport-aio-" + name);
        reaper.setDaemon(true);
        reaper.setContextClassLoader(null);
        reaper.start();
    }

    /** Null where the system has no such thing, or no more of it. */
    static AioQueue open(OpenDescriptor descriptor, String name) {
        int size =
                MOST * (LibcAio.IOCB_SIZE + Long.BYTES) + EVENTS * LibcAio.EVENT_SIZE + Long.BYTES;
        NativeBlock block = new NativeBlock(size, Long.BYTES);
        ByteBuffer bytes = block.view(0, size);
        while (bytes.hasRemaining()) {
            bytes.put((byte) 0);
        }
        int last = size - Long.BYTES;
        if (LibcAio.setup(MOST, block.address() + last) < 0) {
            block.close();
            return null;
        }
        return new AioQueue(descriptor, name, block, bytes.getLong(last));
    }

    /** Submits a request whose buffers fit; false if it has not begun. */
    boolean begin(AsyncRequest request) {
        if (useless || request.count() > MOST_BUFFERS || request.length() == 0) {
            return false;
        }
        if (uses.getAndIncrement() >= CLOSED) {
            leave();
            return false;
        }
        int slot = free.take();
        if (slot >= 0) {
            int result = submit(slot, request);
            if (result == 1) {
                return true;
            }
            useless |= isUseless(result);
            requests.set(slot, null);
            free.give(slot);
        }
        leave();
        return false;
    }

    private int submit(int slot, AsyncRequest request) {
        IoVectors vector = vectors[slot].clear();
        for (int i = request.first(); i < request.first() + request.count(); i++) {
            vector.add(request.buffers()[i]);
        }
        int at = slot * LibcAio.IOCB_SIZE;
        short operation = request.isWrite() ? LibcAio.IOCB_CMD_PWRITEV : LibcAio.IOCB_CMD_PREADV;
        iocbs.putLong(at + LibcAio.IOCB_DATA, slot);
        iocbs.putInt(at + LibcAio.IOCB_RW_FLAGS, LibcConstants.RWF_NOWAIT);
        iocbs.putShort(at + LibcAio.IOCB_OPCODE, operation);
        iocbs.putLong(at + LibcAio.IOCB_BUF, vector.address());
        iocbs.putLong(at + LibcAio.IOCB_NBYTES, vector.count());
        iocbs.putLong(at + LibcAio.IOCB_OFFSET, request.offset());
        // From here on it may end at any moment.
        requests.set(slot, request);
        int fd = descriptor.enter();
        try {
            iocbs.putInt(at + LibcAio.IOCB_FD, fd);
            return LibcAio.submit(context, 1, addresses + (long) slot * Long.BYTES);
        } finally {
            descriptor.leave();
        }
    }

    private void reap() {
        while (true) {
            int count = LibcAio.getevents(context, 1, EVENTS, block.address() + eventsAt());
            if (count < 0 && count != -EINTR) {
                block.close();
                return;
            }
            for (int i = 0; i < count; i++) {
                int at = i * LibcAio.EVENT_SIZE;
                ended(
                        (int) events.getLong(at + LibcAio.EVENT_DATA),
                        events.getLong(at + LibcAio.EVENT_RES));
            }
        }
    }

    private static long eventsAt() {
        return MOST * (LibcAio.IOCB_SIZE + Long.BYTES);
    }

    private void ended(int slot, long result) {
        AsyncRequest request = requests.getAndSet(slot, null);
        free.give(slot);
        try {
            if (result == request.length()) {
                request.complete();
            } else if (result >= 0 || result == -EAGAIN || result == -EINTR) {
                request.giveUp();
            } else if (isUseless(result)) {
                useless = true;
                request.giveUp();
            } else {
                int error = (int) -result;
                request.fail(
                        FileErrors.at(
                                request.isWrite() ? "write" : "read",
                                name,
                                request.offset(),
                                request.length(),
                                Errno.of(error),
                                NativeError.message(error)));
            }
        } finally {
            leave();
        }
    }

    /** What can be only because it is asked for in this way. */
    private static boolean isUseless(long result) {
        return result == -EOPNOTSUPP || result == -EINVAL || result == -ENOSYS;
    }

    private void leave() {
        if (uses.decrementAndGet() == CLOSED) {
            LibcAio.destroy(context);
        }
    }

    /** Takes no more requests, and ends with the last of those under way. */
    void close() {
        int before = uses.getAndUpdate(count -> count >= CLOSED ? count : count + CLOSED);
        if (before == 0) {
            LibcAio.destroy(context);
        }
        if (Thread.currentThread() != reaper) {
            join();
        }
    }

    private void join() {
        try {
            reaper.join(LAST_EVENT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
