package io.diskport.vhost.blk;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The requests of one split ring that are under way, noted so that whoever comes after us knows, at
 * whichever instruction we end ("Inflight I/O tracking", split virtqueue). The order of writes is
 * what makes that true; the fences keep the compiler to it.
 *
 * <p>The memory is the front-end's as well, and hostile.
 */
class InflightQueue {
    /** Tracks nothing. */
    static final InflightQueue NONE = new None();

    // struct QueueRegionSplit
    static final int HEADER = 16;
    private static final int VERSION = 8;
    private static final int DESC_NUM = 10;
    private static final int LAST_BATCH_HEAD = 12;
    private static final int USED_IDX = 14;

    // struct DescStateSplit
    static final int ENTRY = 16;
    private static final int INFLIGHT = 0;
    private static final int NEXT = 6;
    private static final int COUNTER = 8;

    private static final short KNOWN_VERSION = 1;

    private final ByteBuffer memory;
    private final int descNum;
    private final int ringSize;
    private long counter;
    private boolean left;

    InflightQueue(ByteBuffer memory, int descNum, int ringSize) {
        this.memory = memory.order(ByteOrder.LITTLE_ENDIAN);
        this.descNum = descNum;
        this.ringSize = ringSize;
    }

    boolean isTracking() {
        return true;
    }

    /** Whether {@link #recover} has found what another back-end has left. */
    boolean hadPredecessor() {
        return left;
    }

    /**
     * Finds out what was under way when another back-end ended ("When reconnecting").
     *
     * @param usedIndex of the used ring
     * @return the heads to be done again, in the order in which they came
     */
    int[] recover(int usedIndex) throws Misbehaviour {
        short version = memory.getShort(VERSION);
        if (version == 0) {
            memory.putShort(DESC_NUM, (short) descNum);
            memory.putShort(LAST_BATCH_HEAD, (short) 0);
            memory.putShort(USED_IDX, (short) usedIndex);
            VarHandle.releaseFence();
            memory.putShort(VERSION, KNOWN_VERSION);
            return new int[0];
        }
        if (version != KNOWN_VERSION || (memory.getShort(DESC_NUM) & 0xffff) != descNum) {
            throw new Misbehaviour(
                    "its inflight memory has version %d and %d entries, not version 1 and %d"
                            .formatted(version, memory.getShort(DESC_NUM) & 0xffff, descNum));
        }
        left = true;
        finishBatch(usedIndex);
        return marked();
    }

    /** Takes the marks off those that came back already: their batch was told of, but not ended. */
    private void finishBatch(int usedIndex) {
        int batch = usedIndex - memory.getShort(USED_IDX) & 0xffff;
        if (batch <= ringSize) {
            int head = memory.getShort(LAST_BATCH_HEAD) & 0xffff;
            for (int i = 0; i < batch && head < ringSize; i++) {
                memory.put(entry(head) + INFLIGHT, (byte) 0);
                head = memory.getShort(entry(head) + NEXT) & 0xffff;
            }
        }
        VarHandle.releaseFence();
        memory.putShort(USED_IDX, (short) usedIndex);
    }

    private int[] marked() {
        record Mark(int head, long counter) {}
        List<Mark> marks = new ArrayList<>();
        for (int head = 0; head < ringSize; head++) {
            if (memory.get(entry(head) + INFLIGHT) == 1) {
                marks.add(new Mark(head, memory.getLong(entry(head) + COUNTER)));
            }
        }
        marks.sort(Comparator.comparingLong(Mark::counter));
        counter = marks.isEmpty() ? 0 : marks.get(marks.size() - 1).counter + 1;
        return marks.stream().mapToInt(Mark::head).toArray();
    }

    /** A request was taken from the avail ring. Of the queue's thread. */
    void taken(int head) {
        memory.putLong(entry(head) + COUNTER, counter++);
        VarHandle.releaseFence();
        memory.put(entry(head) + INFLIGHT, (byte) 1);
    }

    /** A request is about to be told of in the used ring. */
    void used(int head) {
        memory.putShort(entry(head) + NEXT, memory.getShort(LAST_BATCH_HEAD));
        VarHandle.releaseFence();
        memory.putShort(LAST_BATCH_HEAD, (short) head);
    }

    /** The guest was told of a batch of requests, which are linked. */
    void published(Request batch, int usedIndex) {
        VarHandle.releaseFence();
        for (Request request = batch; request != null; request = request.next) {
            memory.put(entry(request.head) + INFLIGHT, (byte) 0);
        }
        VarHandle.releaseFence();
        memory.putShort(USED_IDX, (short) usedIndex);
    }

    private static int entry(int head) {
        return HEADER + head * ENTRY;
    }

    /** Where no memory for it was agreed on. */
    private static final class None extends InflightQueue {
        None() {
            super(ByteBuffer.allocate(0), 0, 0);
        }

        @Override
        boolean isTracking() {
            return false;
        }

        @Override
        int[] recover(int usedIndex) {
            return new int[0];
        }

        @Override
        void taken(int head) {
            // nothing to note
        }

        @Override
        void used(int head) {
            // nothing to note
        }

        @Override
        void published(Request batch, int usedIndex) {
            // nothing to note
        }
    }
}
