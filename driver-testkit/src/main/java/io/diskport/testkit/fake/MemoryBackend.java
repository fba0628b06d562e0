package io.diskport.testkit.fake;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.node.AsyncRequest;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.Extent;
import io.diskport.api.node.RequestFlags;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A node in memory, as core would show it, that can be told to wait, to fail and to hang. It may be
 * said to be longer than it is: then it reads as zeroes behind its content, and forgets what is
 * written there.
 */
public final class MemoryBackend implements BlockBackend {
    /** The length of the runs of which {@link #status} tells. */
    public static final int RUN = 4096;

    private static final long MOST = 1 << 30;

    public final AtomicInteger flushes = new AtomicInteger();

    /** Writes that were to be on stable storage. */
    public final AtomicInteger fuas = new AtomicInteger();

    /** The requests that hang now. */
    public final AtomicInteger hanging = new AtomicInteger();

    /** Whether requests are done without waiting where they may be. */
    public volatile boolean inline;

    /** Whether reads and writes are begun, and end in a thread of their own. */
    public volatile boolean async;

    /** How many were begun; each third of them is given up. */
    public final AtomicInteger begun = new AtomicInteger();

    public volatile Errno failure;
    public volatile RuntimeException bug;

    /** Thrown by {@link #length}. */
    public volatile RuntimeException lengthBug;

    /** How long a read takes, in nanoseconds. */
    public volatile long slowness;

    /** Reads from here on fail. */
    public volatile long badFrom = Long.MAX_VALUE;

    public volatile BlockLimits limits = BlockLimits.ANY;
    public volatile boolean growable;
    public volatile int depth = 1;
    public volatile String lastZeroes = "";
    public volatile String lastDiscard = "";
    public volatile String lastPrefetch = "";
    public volatile String lastTruncate = "";

    private final boolean writable;
    private volatile CountDownLatch hang;
    private volatile boolean onlyFlushesHang;
    private volatile long length;
    private byte[] bytes;

    public MemoryBackend(int length, boolean writable) {
        this.bytes = new byte[length];
        this.length = length;
        this.writable = writable;
    }

    public static MemoryBackend of(int length) {
        return new MemoryBackend(length, true);
    }

    public static MemoryBackend inline(int length) {
        MemoryBackend backend = of(length);
        backend.inline = true;
        return backend;
    }

    /** Says that it is longer, or shorter, than its content. */
    public MemoryBackend pretend(long newLength) {
        length = newLength;
        return this;
    }

    public synchronized byte[] content() {
        return bytes.clone();
    }

    public synchronized byte[] content(int offset, int count) {
        return Arrays.copyOfRange(bytes, offset, offset + count);
    }

    public synchronized void fill(int offset, byte[] data) {
        System.arraycopy(data, 0, bytes, offset, data.length);
    }

    /** Has what comes wait until {@link #goOn}. */
    public void hang() {
        onlyFlushesHang = false;
        hang = new CountDownLatch(1);
    }

    /** Has flushes wait until {@link #goOn}. */
    public void hangFlushes() {
        onlyFlushesHang = true;
        hang = new CountDownLatch(1);
    }

    public void goOn() {
        CountDownLatch latch = hang;
        hang = null;
        if (latch != null) {
            latch.countDown();
        }
    }

    @Override
    public String nodeName() {
        return "memory";
    }

    @Override
    public boolean writable() {
        return writable;
    }

    @Override
    public boolean resizable() {
        return writable && growable;
    }

    @Override
    public long length() {
        RuntimeException thrown = lengthBug;
        if (thrown != null) {
            throw thrown;
        }
        return length;
    }

    @Override
    public BlockLimits limits() {
        return limits;
    }

    @Override
    public void read(long offset, ByteBuffer destination) throws BlockIOException {
        check(false);
        if (outside(offset, destination.remaining())) {
            throw new BlockIOException(Errno.EINVAL, "beyond the end");
        }
        if (offset + destination.remaining() > badFrom) {
            throw new BlockIOException(Errno.EIO, "a bad place");
        }
        if (slowness > 0) {
            LockSupport.parkNanos(slowness);
        }
        synchronized (this) {
            int there = there(offset, destination.remaining());
            destination.put(bytes, (int) Math.min(offset, bytes.length), there);
            while (destination.hasRemaining()) {
                destination.put((byte) 0);
            }
        }
    }

    @Override
    public void write(long offset, int flags, ByteBuffer source) throws BlockIOException {
        check(false);
        if (!writable) {
            throw new BlockIOException(Errno.EROFS, "read-only");
        }
        if (outside(offset, source.remaining())) {
            throw new BlockIOException(Errno.ENOSPC, "beyond the end");
        }
        if (flags == RequestFlags.FUA) {
            fuas.incrementAndGet();
        }
        synchronized (this) {
            int there = there(offset, source.remaining());
            source.get(bytes, (int) Math.min(offset, bytes.length), there);
            source.position(source.limit());
        }
    }

    private boolean outside(long offset, long count) {
        return offset < 0 || count > length - offset;
    }

    private int there(long offset, int count) {
        return (int) Math.max(0, Math.min(count, bytes.length - offset));
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer destination) throws BlockIOException {
        if (inline) {
            read(offset, destination);
        }
        return inline;
    }

    @Override
    public boolean tryWrite(long offset, int flags, ByteBuffer source) throws BlockIOException {
        if (inline) {
            write(offset, flags, source);
        }
        return inline;
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        if (inline) {
            read(offset, destinations, first, count);
        }
        return inline;
    }

    @Override
    public boolean tryWrite(long offset, int flags, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        if (inline) {
            write(offset, flags, sources, first, count);
        }
        return inline;
    }

    @Override
    public boolean begin(AsyncRequest request) {
        if (!async) {
            return false;
        }
        boolean gives = begun.incrementAndGet() % 3 == 0;
        Thread thread = new Thread(() -> end(request, gives), "memory-backend");
        thread.setDaemon(true);
        thread.start();
        return true;
    }

    private void end(AsyncRequest request, boolean gives) {
        try {
            if (gives) {
                check(false);
                request.giveUp();
                return;
            }
            if (request.isWrite()) {
                write(
                        request.offset(),
                        request.flags(),
                        request.buffers(),
                        request.first(),
                        request.count());
            } else {
                read(request.offset(), request.buffers(), request.first(), request.count());
            }
        } catch (BlockIOException e) {
            request.fail(e);
            return;
        } catch (RuntimeException e) {
            request.fail(new BlockIOException(Errno.EIO, e.toString(), e));
            return;
        }
        request.complete();
    }

    @Override
    public void flush() throws BlockIOException {
        check(true);
        flushes.incrementAndGet();
    }

    @Override
    public void discard(long offset, long count, int flags) throws BlockIOException {
        check(false);
        if (outside(offset, count)) {
            throw new BlockIOException(Errno.EINVAL, "beyond the end");
        }
        lastDiscard = offset + "+" + count + " flags " + flags;
    }

    @Override
    public void writeZeroes(long offset, long count, int flags) throws BlockIOException {
        check(false);
        if (!writable) {
            throw new BlockIOException(Errno.EROFS, "read-only");
        }
        if (outside(offset, count)) {
            throw new BlockIOException(Errno.ENOSPC, "beyond the end");
        }
        lastZeroes = offset + "+" + count + " flags " + flags;
        if ((flags & RequestFlags.FUA) != 0) {
            fuas.incrementAndGet();
        }
        synchronized (this) {
            int begin = (int) Math.min(offset, bytes.length);
            Arrays.fill(bytes, begin, begin + there(offset, (int) Math.min(count, MOST)), (byte) 0);
        }
    }

    @Override
    public void prefetch(long offset, long count) throws BlockIOException {
        check(false);
        lastPrefetch = offset + "+" + count;
    }

    /** A run that is all zeroes is a hole. */
    @Override
    public Extent status(long offset, long count) throws BlockIOException {
        check(false);
        return statusNow(offset, count);
    }

    private synchronized Extent statusNow(long offset, long count) {
        if (offset >= bytes.length) {
            return Extent.hole(count);
        }
        int begin = (int) (offset / RUN * RUN);
        int end = Math.min(bytes.length, begin + RUN);
        boolean zero = true;
        for (int i = begin; zero && i < end; i++) {
            zero = bytes[i] == 0;
        }
        long run = Math.min(count, end - offset);
        return zero ? Extent.hole(run) : new Extent(run, false, false, depth);
    }

    @Override
    public void truncate(long newLength) throws BlockIOException {
        check(false);
        lastTruncate = Long.toString(newLength);
        if (newLength > Integer.MAX_VALUE / 2) {
            throw new BlockIOException(Errno.EFBIG, "too long for memory");
        }
        synchronized (this) {
            bytes = Arrays.copyOf(bytes, (int) newLength);
            length = newLength;
        }
    }

    private void check(boolean flush) throws BlockIOException {
        RuntimeException thrown = bug;
        if (thrown != null) {
            throw thrown;
        }
        CountDownLatch latch = hang;
        if (latch != null && (flush || !onlyFlushesHang)) {
            hanging.incrementAndGet();
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new BlockIOException(Errno.EINTR, "interrupted", e);
            } finally {
                hanging.decrementAndGet();
            }
        }
        Errno number = failure;
        if (number != null) {
            throw new BlockIOException(number, "as told: " + number.text());
        }
    }
}
