package io.diskport.natives;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Addresses of direct buffers, and buffers over addresses.
 *
 * <p>An address keeps nothing alive: who passes one to the kernel holds on to its buffer until the
 * call is over ({@link java.lang.ref.Reference#reachabilityFence}).
 */
public final class NativeMemory {
    private static final MemoryIO MEMORY = MemoryIO.getInstance();

    private static final int LARGE = 8 << 20;

    @SuppressWarnings("PMD.UnusedPrivateField") // so that the allocation is not optimised away
    private static volatile byte[] large;

    private NativeMemory() {}

    /** The address of a direct buffer's first remaining byte. */
    public static long address(ByteBuffer buffer) {
        return MEMORY.getDirectBufferAddress(buffer) + buffer.position();
    }

    /** A new zeroed direct buffer that starts at a multiple of the alignment (a power of two). */
    public static ByteBuffer allocate(int size, int alignment) {
        ByteBuffer room = ByteBuffer.allocateDirect(Math.addExact(size, alignment));
        int skip = (int) (-address(room) & (alignment - 1));
        return room.slice(skip, size).order(ByteOrder.nativeOrder());
    }

    /** A direct buffer over memory that somebody else owns and keeps. */
    public static ByteBuffer view(long address, int length) {
        return MEMORY.newDirectByteBuffer(address, length).order(ByteOrder.nativeOrder());
    }

    /**
     * Has a fault of this thread come to light now: memory behind a buffer that was not there any
     * more. By itself the JVM may say so much later, when the thread does something else. To be
     * called only where there is reason to fear it: it takes some memory.
     *
     * @throws InternalError if there was one
     */
    public static void surfaceFaults() {
        // What waits to be thrown is thrown where a thread comes back from the JVM itself: Java 17
        // goes there for arrays that are too large for the thread's own part of the heap.
        for (int i = 0; i < 2; i++) {
            large = new byte[LARGE];
            large = null;
        }
    }

    /** Fills memory with zeroes. */
    public static void zero(long address, long length) {
        MEMORY.setMemory(address, length, (byte) 0);
    }

    /** A NUL-terminated UTF-8 copy to be freed, or -EINVAL when the text itself has a NUL. */
    static long newString(String text) {
        if (text.indexOf('\0') >= 0) {
            return -NativeError.EINVAL;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        long address = MEMORY.allocateMemory(bytes.length + 1L, true);
        if (address == 0) {
            return -NativeError.ENOMEM;
        }
        MEMORY.putByteArray(address, bytes, 0, bytes.length);
        return address;
    }

    static long permanentString(String text) {
        return newString(text);
    }

    static void free(long address) {
        if (address > 0) {
            MEMORY.freeMemory(address);
        }
    }
}
