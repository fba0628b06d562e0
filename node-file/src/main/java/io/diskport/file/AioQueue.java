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

    /** One for each slot, and the last of all. */
    private static final int IOCBS = MOST + 1;

    // The block: iocbs, their addresses, events, the context's number.
    private static final int POINTERS_AT = IOCBS * LibcAio.IOCB_SIZE;
    private static final int EVENTS_AT = POINTERS_AT + IOCBS * Long.BYTES;
    private static final int CONTEXT_AT = EVENTS_AT + EVENTS * LibcAio.EVENT_SIZE;

    /** Added to the number of requests by close. */
    private static final int CLOSED = 1 << 30;

    /** In the place of a slot: nothing is under way, and nothing will be. */
    private static final int LAST = -1;

    private final OpenDescriptor descriptor;
    private final String name;
    private final AioSlots free = new AioSlots(MOST);
    private final AtomicReferenceArray<AsyncRequest> requests = new AtomicReferenceArray<>(MOST);
    private final IoVectors[] vectors = new IoVectors[MOST];
    private final NativeBlock block;
    private final ByteBuffer iocbs;
    private final ByteBuffer events;
    private final long context;
    private final Thread reaper;

    /** Those under way, and the mark of the end, from which on they only become fewer. */
    private final AtomicInteger uses = new AtomicInteger();

    private volatile boolean useless;

    private AioQueue(OpenDescriptor descriptor, String name, NativeBlock block, long context) {
        this.descriptor = descriptor;
        this.name = name;
        this.block = block;
        this.context = context;
        this.iocbs = block.view(0, IOCBS * LibcAio.IOCB_SIZE);
        ByteBuffer pointers = block.view(POINTERS_AT, IOCBS * Long.BYTES);
        this.events = block.view(EVENTS_AT, EVENTS * LibcAio.EVENT_SIZE);
        for (int i = 0; i < IOCBS; i++) {
            pointers.putLong(i * Long.BYTES, block.address() + (long) i * LibcAio.IOCB_SIZE);
        }
        for (int i = 0; i < MOST; i++) {
            vectors[i] = new IoVectors(MOST_BUFFERS);
        }
        this.reaper = new Thread(this::reap, "diskport-aio-" + name);
        reaper.setDaemon(true);
        reaper.setContextClassLoader(null);
        reaper.start();
    }

    /** Null where the system has no such thing, or no more of it. */
    static AioQueue open(OpenDescriptor descriptor, String name) {
        NativeBlock block = new NativeBlock(CONTEXT_AT + Long.BYTES, Long.BYTES);
        ByteBuffer bytes = block.view(0, block.size());
        while (bytes.hasRemaining()) {
            bytes.put((byte) 0);
        }
        if (LibcAio.setup(IOCBS, block.address() + CONTEXT_AT) < 0) {
            block.close();
            return null;
        }
        long context = bytes.getLong(CONTEXT_AT);
        try {
            return new AioQueue(descriptor, name, block, context);
        } catch (OutOfMemoryError e) {
            // No thread to be had.
            LibcAio.destroy(context);
            block.close();
            return null;
        }
    }

    /** Submits a request whose buffers fit; false if it has not begun. */
    boolean begin(AsyncRequest request) {
        boolean fits = request.count() <= MOST_BUFFERS && request.length() > 0;
        if (useless || !fits || !enter()) {
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
        if (leave()) {
            submitLast();
        }
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
        return submit(slot);
    }

    private int submit(int iocb) {
        int fd = descriptor.enter();
        try {
            iocbs.putInt(iocb * LibcAio.IOCB_SIZE + LibcAio.IOCB_FD, fd);
            long pointer = block.address() + POINTERS_AT + (long) iocb * Long.BYTES;
            return LibcAio.submit(context, 1, pointer);
        } finally {
            descriptor.leave();
        }
    }

    /**
     * Has the reaper end: by a read of nothing, and not by destroying the context under it, whose
     * number may mean another file's a moment later.
     */
    private void submitLast() {
        int at = MOST * LibcAio.IOCB_SIZE;
        iocbs.putLong(at + LibcAio.IOCB_DATA, LAST);
        iocbs.putShort(at + LibcAio.IOCB_OPCODE, LibcAio.IOCB_CMD_PREADV);
        iocbs.putLong(at + LibcAio.IOCB_BUF, block.address());
        if (submit(MOST) != 1) {
            LibcAio.destroy(context);
        }
    }

    private void reap() {
        boolean last = false;
        int count = 0;
        while (!last && (count >= 0 || count == -EINTR)) {
            count = LibcAio.getevents(context, 1, EVENTS, block.address() + EVENTS_AT);
            for (int i = 0; i < count; i++) {
                int at = i * LibcAio.EVENT_SIZE;
                long slot = events.getLong(at + LibcAio.EVENT_DATA);
                long result = events.getLong(at + LibcAio.EVENT_RES);
                last |= slot == LAST || ended((int) slot, result);
            }
        }
        if (last) {
            LibcAio.destroy(context);
        }
        block.close();
    }

    /** A request has come back. @return whether it was the last of all */
    private boolean ended(int slot, long result) {
        AsyncRequest request = requests.getAndSet(slot, null);
        free.give(slot);
        try {
            tell(request, result);
        } catch (RuntimeException | Error e) {
            // Its user's mistake, at which the requests of others must not stop.
            reaper.getUncaughtExceptionHandler().uncaughtException(reaper, e);
        }
        return leave();
    }

    private void tell(AsyncRequest request, long result) {
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
    }

    /** What can be only because it is asked for in this way. */
    private static boolean isUseless(long result) {
        return result == -EOPNOTSUPP || result == -EINVAL || result == -ENOSYS;
    }

    private boolean enter() {
        int now;
        do {
            now = uses.get();
            if (now >= CLOSED) {
                return false;
            }
        } while (!uses.compareAndSet(now, now + 1));
        return true;
    }

    /** Whether it was the last one after close: of one caller, once. */
    private boolean leave() {
        return uses.decrementAndGet() == CLOSED;
    }

    /** Takes no more requests, and ends with the last of those under way. */
    void close() {
        int before = uses.getAndUpdate(count -> count >= CLOSED ? count : count + CLOSED);
        if (before == 0) {
            submitLast();
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
