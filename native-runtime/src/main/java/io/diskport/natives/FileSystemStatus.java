package io.diskport.natives;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What {@link Libc#fstatfs} filled in; reusable, of one owner at a time.
 *
 * <p>Underneath is struct statfs as 64-bit Linux lays it out (asm-generic/statfs.h).
 */
public final class FileSystemStatus {
    private static final int TYPE = 0;
    private static final int BSIZE = 8;
    private static final int BLOCKS = 16;
    private static final int BFREE = 24;
    private static final int BAVAIL = 32;
    private static final int STRUCT_SIZE = 128;

    private final ByteBuffer data =
            ByteBuffer.allocateDirect(STRUCT_SIZE).order(ByteOrder.nativeOrder());
    private final long address = NativeMemory.address(data);

    long address() {
        return address;
    }

    /** The file system's magic number (linux/magic.h). */
    public long type() {
        return data.getLong(TYPE);
    }

    public long blockSize() {
        return data.getLong(BSIZE);
    }

    /** All, in blocks of {@link #blockSize}. */
    public long blocks() {
        return data.getLong(BLOCKS);
    }

    /** Free, in blocks of {@link #blockSize}. */
    public long freeBlocks() {
        return data.getLong(BFREE);
    }

    /** Free for ordinary users, in blocks of {@link #blockSize}. */
    public long availableBlocks() {
        return data.getLong(BAVAIL);
    }
}
