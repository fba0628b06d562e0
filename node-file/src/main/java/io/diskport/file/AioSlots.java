package io.diskport.file;

import java.util.concurrent.atomic.AtomicLong;

/** The numbers from 0 that nobody uses. Any thread; without a lock, and allocating nothing. */
final class AioSlots {
    private static final int NONE = -1;
    private static final int INDEX_BITS = 16;
    private static final int INDEX_MASK = (1 << INDEX_BITS) - 1;

    private final int[] below;

    /** The number on top plus one, and a count of changes, so that none goes unnoticed. */
    private final AtomicLong top;

    AioSlots(int size) {
        below = new int[size];
        for (int i = 0; i < size; i++) {
            below[i] = i - 1;
        }
        top = new AtomicLong(size);
    }

    /** A number, or -1 if there is none. */
    int take() {
        while (true) {
            long now = top.get();
            int index = (int) (now & INDEX_MASK) - 1;
            if (index == NONE) {
                return NONE;
            }
            if (top.compareAndSet(now, next(now, below[index]))) {
                return index;
            }
        }
    }

    void give(int index) {
        long now;
        do {
            now = top.get();
            below[index] = (int) (now & INDEX_MASK) - 1;
        } while (!top.compareAndSet(now, next(now, index)));
    }

    private static long next(long now, int index) {
        return ((now >>> INDEX_BITS) + 1) << INDEX_BITS | index + 1;
    }
}
