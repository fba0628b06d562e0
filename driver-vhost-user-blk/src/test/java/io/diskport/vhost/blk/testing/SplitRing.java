package io.diskport.vhost.blk.testing;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A split virtqueue in guest memory (virtio 1.x, section 2.7), for right and for wrong contents.
 */
public final class SplitRing {
    /** Where the parts lie behind the start of the queue's memory. */
    public static final int DESCRIPTORS = 0;

    public static final int AVAIL = 0x8000;
    public static final int USED = 0xc000;
    public static final int LENGTH = 0x10000;

    private static final VarHandle SHORT =
            MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int INDEX = 2;
    private static final int RING = 4;

    public final int size;
    private final ByteBuffer memory;

    SplitRing(int size, ByteBuffer memory) {
        this.size = size;
        this.memory = memory;
    }

    public void descriptor(int index, long address, long length, int flags, int next) {
        write(memory, DESCRIPTORS + 16 * index, address, length, flags, next);
    }

    /** The same in any memory, for indirect tables. */
    public static void write(
            ByteBuffer table, int offset, long address, long length, int flags, int next) {
        table.putLong(offset, address);
        table.putInt(offset + 8, (int) length);
        table.putShort(offset + 12, (short) flags);
        table.putShort(offset + 14, (short) next);
    }

    /** Puts a head into the ring of what is available, at an index of any size. */
    public void avail(int index, int head) {
        memory.putShort(AVAIL + RING + 2 * (index & size - 1), (short) head);
    }

    public void availFlags(int flags) {
        memory.putShort(AVAIL, (short) flags);
    }

    public int availIndex() {
        return (short) SHORT.getAcquire(memory, AVAIL + INDEX) & 0xffff;
    }

    /** Makes available what is in the ring before this index. */
    public void availIndex(int index) {
        SHORT.setRelease(memory, AVAIL + INDEX, (short) index);
    }

    /** From which used index on the front-end wants to be called. */
    public void usedEvent(int index) {
        memory.putShort(AVAIL + RING + 2 * size, (short) index);
        VarHandle.fullFence();
    }

    public int usedFlags() {
        return memory.getShort(USED) & 0xffff;
    }

    public int usedIndex() {
        return (short) SHORT.getAcquire(memory, USED + INDEX) & 0xffff;
    }

    public int usedHead(int index) {
        return memory.getInt(USED + RING + 8 * (index & size - 1));
    }

    public int usedLength(int index) {
        return memory.getInt(USED + RING + 8 * (index & size - 1) + 4);
    }

    /** From which avail index on the back-end wants to be kicked. */
    public int availEvent() {
        return memory.getShort(USED + RING + 8 * size) & 0xffff;
    }

    /** Whether the back-end has to be kicked, once a new index was published. */
    public boolean wantsKick(boolean eventIdx, int before, int now) {
        VarHandle.fullFence();
        return eventIdx
                ? (now - availEvent() - 1 & 0xffff) < (now - before & 0xffff)
                : (usedFlags() & 1) == 0;
    }

    /** Forgets all. */
    public void clear() {
        for (int i = 0; i < LENGTH; i += 8) {
            memory.putLong(i, 0);
        }
    }
}
