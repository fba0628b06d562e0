package io.diskport.vhost.blk;

import io.diskport.natives.NativeMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A split ring in guest memory (virtio 1.2, section 2.7): a table of descriptors, the avail ring
 * that the guest writes, and the used ring that is ours. What is read here is the guest's, who may
 * change it at any time: each value is read once, and checked by whoever uses it.
 */
final class Ring {
    /** User addresses of the three parts, as SET_VRING_ADDR gave them. */
    record Addresses(long descriptors, long used, long avail) {}

    private static final VarHandle INDEX =
            MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    // struct virtq_avail and virtq_used begin alike
    private static final int FLAGS = 0;
    private static final int IDX = 2;
    private static final int ENTRIES = 4;
    private static final int AVAIL_ENTRY = 2;
    private static final int USED_ENTRY = 8;
    private static final int EVENT = 2;

    final int size;
    final ByteBuffer descriptors;
    private final ByteBuffer avail;
    private final ByteBuffer used;

    private Ring(int size, long descriptors, long avail, long used) {
        this.size = size;
        this.descriptors = view(descriptors, size * VirtioBlk.DESC_SIZE);
        this.avail = view(avail, ENTRIES + size * AVAIL_ENTRY + EVENT);
        this.used = view(used, ENTRIES + size * USED_ENTRY + EVENT);
    }

    private static ByteBuffer view(long address, int length) {
        return NativeMemory.view(address, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A ring at user addresses, each part of which has to be in one region of the memory. */
    static Ring of(GuestMemory memory, int size, Addresses at) throws Misbehaviour {
        return new Ring(
                size,
                part(memory, "descriptor table", at.descriptors, size * VirtioBlk.DESC_SIZE, 16),
                part(memory, "avail ring", at.avail, ENTRIES + size * AVAIL_ENTRY + EVENT, 2),
                part(memory, "used ring", at.used, ENTRIES + size * USED_ENTRY + EVENT, 4));
    }

    /** Whether the memory has a ring at user addresses. */
    static boolean isWithin(GuestMemory memory, int size, Addresses at) {
        return memory.address(at.descriptors, size * VirtioBlk.DESC_SIZE) != 0
                && memory.address(at.avail, ENTRIES + size * AVAIL_ENTRY + EVENT) != 0
                && memory.address(at.used, ENTRIES + size * USED_ENTRY + EVENT) != 0;
    }

    private static long part(GuestMemory memory, String name, long user, int length, int alignment)
            throws Misbehaviour {
        long address = memory.address(user, length);
        if (address == 0 || (address & (alignment - 1)) != 0) {
            throw new Misbehaviour(
                    "the %s at user address 0x%x is %s"
                            .formatted(
                                    name,
                                    user,
                                    address == 0
                                            ? "not in one region of its memory"
                                            : "not aligned to " + alignment));
        }
        return address;
    }

    /** How far the guest has come. */
    int availIndex() {
        return (short) INDEX.getAcquire(avail, IDX) & 0xffff;
    }

    int availHead(int index) {
        return avail.getShort(ENTRIES + (index & size - 1) * AVAIL_ENTRY) & 0xffff;
    }

    /** Whether the guest wants no calls; without EVENT_IDX. */
    boolean wantsNoCalls() {
        return (avail.getShort(FLAGS) & VirtioBlk.AVAIL_F_NO_INTERRUPT) != 0;
    }

    /** The used index after which the guest wants to be called; with EVENT_IDX. */
    int usedEvent() {
        return avail.getShort(ENTRIES + size * AVAIL_ENTRY) & 0xffff;
    }

    /** Says whether kicks are wanted; without EVENT_IDX. */
    void wantKicks(boolean wanted) {
        used.putShort(FLAGS, (short) (wanted ? 0 : VirtioBlk.USED_F_NO_NOTIFY));
    }

    /** Says after which avail index a kick is wanted; with EVENT_IDX. */
    void availEvent(int index) {
        used.putShort(ENTRIES + size * USED_ENTRY, (short) index);
    }

    /** How many the guest was told of; what a back-end before this one has left. */
    int usedIndex() {
        return (short) INDEX.getAcquire(used, IDX) & 0xffff;
    }

    void putUsed(int index, int head, int written) {
        int at = ENTRIES + (index & size - 1) * USED_ENTRY;
        used.putInt(at, head);
        used.putInt(at + 4, written);
    }

    /** Tells the guest of all entries before an index. */
    void publishUsed(int index) {
        INDEX.setRelease(used, IDX, (short) index);
    }
}
