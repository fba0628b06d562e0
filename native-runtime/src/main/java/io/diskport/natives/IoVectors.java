package io.diskport.natives;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A reusable native array of iovecs, of one owner (a thread, a queue) and of fixed size.
 *
 * <p>Not safe for use by two threads at once. It holds addresses, not buffers: the owner keeps the
 * buffers alive and in place during a call.
 */
public final class IoVectors {
    /** As many as the kernel takes in one call (IOV_MAX). */
    public static final int MAX = 1024;

    private static final int SIZE = 16;

    private final ByteBuffer entries;
    private final long base;
    private final int capacity;
    private int first;
    private int end;
    private long remaining;

    /** Room for a number of entries, from 1 to {@link #MAX}. */
    public IoVectors(int capacity) {
        if (capacity < 1 || capacity > MAX) {
            throw new IllegalArgumentException("capacity " + capacity + " is not in 1.." + MAX);
        }
        this.capacity = capacity;
        this.entries = ByteBuffer.allocateDirect(capacity * SIZE).order(ByteOrder.nativeOrder());
        this.base = NativeMemory.address(entries);
    }

    /** Removes all entries. */
    public IoVectors clear() {
        first = 0;
        end = 0;
        remaining = 0;
        return this;
    }

    /** Appends a range of memory; an empty one is left out. */
    public IoVectors add(long address, long length) {
        if (length < 0) {
            throw new IllegalArgumentException("length " + length);
        }
        if (length > 0) {
            if (end == capacity) {
                throw new IllegalStateException("no room for more than " + capacity + " iovecs");
            }
            entries.putLong(end * SIZE, address);
            entries.putLong(end * SIZE + 8, length);
            end++;
            remaining += length;
        }
        return this;
    }

    /** Appends what remains of a direct buffer; the buffer's position stays. */
    public IoVectors add(ByteBuffer direct) {
        return add(NativeMemory.address(direct), direct.remaining());
    }

    /** Takes bytes off the front, after a transfer that was short. */
    public void advance(long bytes) {
        if (bytes < 0 || bytes > remaining) {
            throw new IllegalArgumentException(bytes + " of " + remaining + " bytes");
        }
        remaining -= bytes;
        long left = bytes;
        while (left > 0) {
            long length = entries.getLong(first * SIZE + 8);
            if (left >= length) {
                left -= length;
                first++;
            } else {
                entries.putLong(first * SIZE, entries.getLong(first * SIZE) + left);
                entries.putLong(first * SIZE + 8, length - left);
                left = 0;
            }
        }
    }

    /** Fills the memory of all remaining entries with zeroes, and advances to the end. */
    public void zeroRemaining() {
        for (; first < end; first++) {
            NativeMemory.zero(entries.getLong(first * SIZE), entries.getLong(first * SIZE + 8));
        }
        remaining = 0;
    }

    /** The number of entries still to be transferred. */
    public int count() {
        return end - first;
    }

    /** The number of entries that may be added. */
    public int room() {
        return capacity - end;
    }

    /** The bytes still to be transferred. */
    public long remaining() {
        return remaining;
    }

    /** The address of the first entry still to be transferred. */
    public long address() {
        return base + (long) first * SIZE;
    }
}
