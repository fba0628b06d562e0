package io.diskport.fuse.mount;

import com.kenai.jffi.MemoryIO;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Native memory for the arguments of a few calls, freed together. One thread. */
public final class NativeArena implements AutoCloseable {
    private static final MemoryIO MEMORY = MemoryIO.getInstance();

    private final List<Long> blocks = new ArrayList<>();

    /** Zeroed memory. */
    public long allocate(int size) {
        long address = MEMORY.allocateMemory(size, true);
        if (address == 0) {
            throw new OutOfMemoryError("native memory, " + size + " bytes");
        }
        blocks.add(address);
        return address;
    }

    /** A text with its NUL. */
    public long string(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        long address = allocate(bytes.length + 1);
        MEMORY.putByteArray(address, bytes, 0, bytes.length);
        return address;
    }

    /** An array of texts with its null pointer at the end. */
    public long strings(List<String> texts) {
        long array = allocate((texts.size() + 1) * Long.BYTES);
        for (int i = 0; i < texts.size(); i++) {
            MEMORY.putLong(array + (long) i * Long.BYTES, string(texts.get(i)));
        }
        return array;
    }

    /** struct fuse_args (fuse_opt.h): the number of texts, the texts, not owned by libfuse. */
    public long arguments(String... texts) {
        long arguments = allocate(24);
        MEMORY.putInt(arguments, texts.length);
        MEMORY.putLong(arguments + 8, strings(List.of(texts)));
        return arguments;
    }

    @Override
    public void close() {
        blocks.forEach(MEMORY::freeMemory);
        blocks.clear();
    }
}
