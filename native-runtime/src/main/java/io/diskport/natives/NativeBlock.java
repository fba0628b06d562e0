package io.diskport.natives;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An aligned piece of native memory that takes none of the machine's until its pages are used.
 *
 * <p>Its content is undefined at first: nothing is cleared, as that would touch every page. Any
 * thread may use the memory from construction until {@link #close}, and threads arrange among
 * themselves who writes where. The owner closes it, once nobody uses the address or a view any more
 * and no call into the kernel is under way on it: neither keeps the memory alive, and nobody frees
 * a block that is never closed.
 */
public final class NativeBlock implements AutoCloseable {
    private static final MemoryIO MEMORY = MemoryIO.getInstance();

    private final long allocation;
    private final long address;
    private final int size;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Allocates.
     *
     * @param size in bytes, at least 1
     * @param alignment of the address: a power of two
     * @throws OutOfMemoryError if there is none
     */
    public NativeBlock(int size, int alignment) {
        if (size < 1) {
            throw new IllegalArgumentException("size " + size + " is not above 0");
        }
        if (alignment < 1 || Integer.bitCount(alignment) != 1) {
            throw new IllegalArgumentException("alignment " + alignment + " is no power of two");
        }
        this.allocation = MEMORY.allocateMemory(size + (alignment - 1L), false);
        if (allocation == 0) {
            throw new OutOfMemoryError("native memory, " + size + " bytes");
        }
        this.address = (allocation + alignment - 1) & -alignment;
        this.size = size;
    }

    /**
     * The address of the first byte.
     *
     * @throws IllegalStateException after close
     */
    public long address() {
        checkOpen();
        return address;
    }

    /** In bytes, as it was asked for. */
    public int size() {
        return size;
    }

    /**
     * A new buffer over a part, in the processor's byte order; not to be used after close.
     *
     * @throws IndexOutOfBoundsException if the part is not within the block
     * @throws IllegalStateException after close
     */
    public ByteBuffer view(int offset, int length) {
        checkOpen();
        Objects.checkFromIndexSize(offset, length, size);
        return NativeMemory.view(address + offset, length);
    }

    /** Frees the memory; closing again does nothing. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            MEMORY.freeMemory(allocation);
        }
    }

    private void checkOpen() {
        if (closed.get()) {
            throw new IllegalStateException("the native block is closed");
        }
    }
}
