package io.diskport.natives;

import com.kenai.jffi.MemoryIO;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Native memory for the arguments of a few calls, freed together.
 *
 * <p>Of one thread. Addresses are good until {@link #close}; without it the memory is never freed.
 */
public final class NativeArena implements AutoCloseable {
    private static final MemoryIO MEMORY = MemoryIO.getInstance();

    private final List<Long> blocks = new ArrayList<>();

    /**
     * The address of zeroed memory.
     *
     * @param size in bytes
     * @throws OutOfMemoryError if there is none
     */
    public long allocate(int size) {
        long address = MEMORY.allocateMemory(size, true);
        if (address == 0) {
            throw new OutOfMemoryError("native memory, " + size + " bytes");
        }
        blocks.add(address);
        return address;
    }

    /**
     * The address of a text in UTF-8, with its NUL.
     *
     * @throws IllegalArgumentException if the text itself has a NUL: C would cut it there
     */
    public long string(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "'" + text.replace("\0", "\\0") + "' has a NUL character");
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        long address = allocate(bytes.length + 1);
        MEMORY.putByteArray(address, bytes, 0, bytes.length);
        return address;
    }

    /** The address of an array of texts ({@code char *[]}) with its null pointer at the end. */
    public long strings(List<String> texts) {
        long array = allocate((texts.size() + 1) * Long.BYTES);
        for (int i = 0; i < texts.size(); i++) {
            MEMORY.putLong(array + (long) i * Long.BYTES, string(texts.get(i)));
        }
        return array;
    }

    /** Frees all that was allocated; what is allocated later, is freed by the next close. */
    @Override
    public void close() {
        blocks.forEach(MEMORY::freeMemory);
        blocks.clear();
    }
}
