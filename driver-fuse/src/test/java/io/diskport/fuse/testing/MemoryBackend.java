package io.diskport.fuse.testing;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.Extent;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A node in memory, as core would show it, that can be told to fail and to hang. */
public final class MemoryBackend implements BlockBackend {
    public final AtomicInteger flushes = new AtomicInteger();
    public volatile Errno failure;
    public volatile RuntimeException bug;
    public volatile boolean resizable = true;
    public volatile Errno truncateFailure;
    public volatile long changesByOthers;

    /** A truncation beyond it fails with EFBIG. */
    public volatile long mostLength = Integer.MAX_VALUE;

    /** Whether requests are done without waiting where they may be. */
    public volatile boolean inline;

    /** The requests that hang now. */
    public final AtomicInteger waiting = new AtomicInteger();

    public volatile CountDownLatch hang;
    public final CountDownLatch hanging = new CountDownLatch(1);
    public volatile String lastZero = "";
    public volatile String lastPreallocation = "";

    private final boolean writable;
    private byte[] bytes;

    public MemoryBackend(int length, boolean writable) {
        this.bytes = new byte[length];
        this.writable = writable;
    }

    public synchronized byte[] content() {
        return bytes.clone();
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
        return writable && resizable;
    }

    @Override
    public synchronized long length() {
        return bytes.length;
    }

    @Override
    public long changesByOthers() {
        return changesByOthers;
    }

    @Override
    public BlockLimits limits() {
        return BlockLimits.ANY;
    }

    @Override
    public void read(long offset, ByteBuffer destination) throws BlockIOException {
        check();
        synchronized (this) {
            if (offset + destination.remaining() > bytes.length) {
                throw new BlockIOException(Errno.EINVAL, "beyond the end");
            }
            destination.put(bytes, (int) offset, destination.remaining());
        }
    }

    @Override
    public void write(long offset, int flags, ByteBuffer source) throws BlockIOException {
        check();
        synchronized (this) {
            if (offset + source.remaining() > bytes.length) {
                throw new BlockIOException(Errno.ENOSPC, "beyond the end");
            }
            source.get(bytes, (int) offset, source.remaining());
        }
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
    public void flush() throws BlockIOException {
        check();
        flushes.incrementAndGet();
    }

    @Override
    public void writeZeroes(long offset, long length, int flags) throws BlockIOException {
        check();
        synchronized (this) {
            lastZero = offset + "+" + length + " flags " + flags;
            Arrays.fill(bytes, (int) offset, (int) (offset + length), (byte) 0);
        }
    }

    @Override
    public void preallocate(long offset, long length) {
        lastPreallocation = offset + "+" + length;
    }

    /** Runs of 4096 bytes; one that is all zeroes is a hole. */
    @Override
    public synchronized Extent status(long offset, long length) {
        int end = (int) Math.min(bytes.length, (offset / 4096 + 1) * 4096);
        boolean zero = true;
        for (int i = (int) (offset / 4096 * 4096); i < end; i++) {
            zero &= bytes[i] == 0;
        }
        long run = Math.min(length, end - offset);
        return zero ? Extent.hole(run) : Extent.data(run);
    }

    @Override
    public synchronized void truncate(long length) throws BlockIOException {
        check();
        if (truncateFailure != null) {
            throw new BlockIOException(truncateFailure, "as told");
        }
        if (length < 0) {
            throw new BlockIOException(Errno.EINVAL, "negative length " + length);
        }
        if (length > mostLength) {
            throw new BlockIOException(Errno.EFBIG, "longer than " + mostLength);
        }
        bytes = Arrays.copyOf(bytes, Math.toIntExact(length));
    }

    private void check() throws BlockIOException {
        if (bug != null) {
            throw bug;
        }
        if (failure != null) {
            throw new BlockIOException(failure, "as told");
        }
        CountDownLatch latch = hang;
        if (latch != null) {
            hanging.countDown();
            waiting.incrementAndGet();
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new BlockIOException(Errno.EINTR, "interrupted", e);
            } finally {
                waiting.decrementAndGet();
            }
        }
    }
}
