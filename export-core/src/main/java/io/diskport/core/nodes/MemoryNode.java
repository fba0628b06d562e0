package io.diskport.core.nodes;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.Extent;
import io.diskport.api.node.RequestFlags;
import io.diskport.api.options.ByteSize;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/** A node in memory: allocated as it is written, in pages that discards and zeroes free. */
final class MemoryNode implements BlockNode {
    private static final int PAGE_SIZE = PageTable.PAGE_SIZE;
    private static final int PAGE_SHIFT = PageTable.PAGE_SHIFT;
    private static final ByteBuffer ZEROES =
            ByteBuffer.allocateDirect(PAGE_SIZE).asReadOnlyBuffer();

    /**
     * How long no memory is asked for after there was none: each time, the JVM collects garbage and
     * waits for up to half a second, which a full disk must not do to the whole daemon.
     */
    private static final long FULL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final BlockLimits LIMITS = BlockLimits.ANY.withDiscardAlignment(PAGE_SIZE);

    private final String name;
    private final PageTable pages = new PageTable();
    private final ByteSize sizeAtFirst;
    private volatile long length;
    private volatile boolean full;
    private volatile long fullSince;

    MemoryNode(String name, long length) {
        this.name = name;
        this.length = length;
        this.sizeAtFirst = new ByteSize(length);
    }

    /** The length that was asked for; it may have been resized since. */
    ByteSize sizeAtFirst() {
        return sizeAtFirst;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public long allocatedLength() {
        return pages.allocatedLength();
    }

    @Override
    public BlockLimits limits() {
        return LIMITS;
    }

    @Override
    public void read(long offset, ByteBuffer destination) {
        long position = offset;
        while (destination.hasRemaining()) {
            int inPage = (int) position & PAGE_SIZE - 1;
            int count = Math.min(PAGE_SIZE - inPage, destination.remaining());
            ByteBuffer page = pages.find(position >>> PAGE_SHIFT);
            int at = destination.position();
            destination.put(at, page == null ? ZEROES : page, inPage, count);
            destination.position(at + count);
            position += count;
        }
    }

    @Override
    public void write(long offset, int flags, ByteBuffer source) throws BlockIOException {
        long position = offset;
        while (source.hasRemaining()) {
            int inPage = (int) position & PAGE_SIZE - 1;
            int count = Math.min(PAGE_SIZE - inPage, source.remaining());
            int at = source.position();
            page(position).put(inPage, source, at, count);
            source.position(at + count);
            position += count;
        }
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer destination) {
        read(offset, destination);
        return true;
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        read(offset, destinations, first, count);
        return true;
    }

    @Override
    public boolean tryWrite(long offset, int flags, ByteBuffer source) throws BlockIOException {
        write(offset, flags, source);
        return true;
    }

    @Override
    public boolean tryWrite(long offset, int flags, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        write(offset, flags, sources, first, count);
        return true;
    }

    @Override
    public void flush() {}

    @Override
    public void discard(long offset, long length, int flags) {
        pages.free(offset + PAGE_SIZE - 1 >>> PAGE_SHIFT, offset + length >>> PAGE_SHIFT);
    }

    @Override
    public void writeZeroes(long offset, long length, int flags) throws BlockIOException {
        long end = offset + length;
        boolean unmap = (flags & RequestFlags.NO_UNMAP) == 0;
        // Only whole pages are freed: what is beside the range may be written at this moment.
        long wholeEnd = end >>> PAGE_SHIFT;
        long position = offset;
        while (position < end) {
            long number = position >>> PAGE_SHIFT;
            int inPage = (int) position & PAGE_SIZE - 1;
            if (unmap && inPage == 0 && number < wholeEnd) {
                pages.free(number, wholeEnd);
                position = wholeEnd << PAGE_SHIFT;
                continue;
            }
            int count = (int) Math.min(end - position, PAGE_SIZE - inPage);
            ByteBuffer page = unmap ? pages.find(number) : page(position);
            if (page != null) {
                page.put(inPage, ZEROES, 0, count);
            }
            position += count;
        }
    }

    @Override
    public Extent status(long offset, long length) {
        long first = offset >>> PAGE_SHIFT;
        long end = offset + length - 1 >>> PAGE_SHIFT;
        boolean there = pages.find(first) != null;
        long run = 1 + pages.run(first + 1, end + 1, there);
        long bytes = Math.min(length, (first + run << PAGE_SHIFT) - offset);
        return there ? Extent.data(bytes) : Extent.hole(bytes);
    }

    @Override
    public void preallocate(long offset, long length) throws BlockIOException {
        for (long at = offset & -PAGE_SIZE; at < offset + length; at += PAGE_SIZE) {
            page(at);
        }
    }

    @Override
    public synchronized void truncate(long newLength) throws BlockIOException {
        if (newLength > PageTable.MAXIMUM_LENGTH) {
            throw new BlockIOException(
                    Errno.EFBIG, "Node '" + name + "' can be 1P at most, and not " + newLength);
        }
        long before = length;
        length = newLength;
        if (newLength < before) {
            int tail = (int) newLength & PAGE_SIZE - 1;
            if (tail != 0) {
                ByteBuffer page = pages.find(newLength >>> PAGE_SHIFT);
                if (page != null) {
                    page.put(tail, ZEROES, 0, PAGE_SIZE - tail);
                }
            }
            long first = newLength + PAGE_SIZE - 1 >>> PAGE_SHIFT;
            pages.free(first, (before + PAGE_SIZE - 1 >>> PAGE_SHIFT));
        }
    }

    @Override
    public void close() {
        pages.clear();
    }

    private ByteBuffer page(long position) throws BlockIOException {
        long number = position >>> PAGE_SHIFT;
        ByteBuffer page = pages.find(number);
        if (page != null) {
            return page;
        }
        if (full && System.nanoTime() - fullSince < FULL_NANOS) {
            throw noSpace(position, null);
        }
        try {
            page = pages.findOrAllocate(number);
            full = false;
            return page;
        } catch (OutOfMemoryError e) {
            fullSince = System.nanoTime();
            full = true;
            throw noSpace(position, e);
        }
    }

    private BlockIOException noSpace(long position, Throwable cause) {
        return new BlockIOException(
                Errno.ENOSPC,
                "No memory for node '"
                        + name
                        + "' at offset "
                        + position
                        + ": -XX:MaxDirectMemorySize bounds it",
                cause);
    }
}
