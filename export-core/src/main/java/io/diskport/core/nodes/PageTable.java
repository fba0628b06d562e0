package io.diskport.core.nodes;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Pages of memory by their number, in two levels that are allocated as pages are, so that a huge
 * and empty table costs nothing. Looking up takes no lock; pages come and go by compare-and-set.
 *
 * <p>Pages are direct buffers: as fast as arrays when measured, and running out of them neither
 * takes the heap from everybody else nor gives the collector gigabytes to move.
 */
final class PageTable {
    static final int PAGE_SHIFT = 16;
    static final int PAGE_SIZE = 1 << PAGE_SHIFT;

    /** The most bytes that a table can span: 1 PiB. */
    static final long MAXIMUM_LENGTH = 1L << 50;

    private static final int LEAF_SHIFT = 12;
    private static final int LEAF_SIZE = 1 << LEAF_SHIFT;

    private static final class Leaf extends AtomicReferenceArray<ByteBuffer> {
        private static final long serialVersionUID = 1L;

        Leaf() {
            super(LEAF_SIZE);
        }
    }

    private final AtomicLong pages = new AtomicLong();
    private volatile AtomicReferenceArray<Leaf> leaves = new AtomicReferenceArray<>(0);

    /** Bytes that are allocated. */
    long allocatedLength() {
        return pages.get() << PAGE_SHIFT;
    }

    /** The page, or null where none is allocated. */
    ByteBuffer find(long number) {
        Leaf leaf = leaf(number);
        return leaf == null ? null : leaf.get((int) number & LEAF_SIZE - 1);
    }

    /**
     * The page, filled with zeroes if it was not there.
     *
     * @throws OutOfMemoryError if there is no room for it; nothing has changed then
     */
    ByteBuffer findOrAllocate(long number) {
        ByteBuffer page = find(number);
        if (page != null) {
            return page;
        }
        ByteBuffer fresh = ByteBuffer.allocateDirect(PAGE_SIZE);
        Leaf leaf = leafOrAllocate(number);
        int index = (int) number & LEAF_SIZE - 1;
        do {
            if (leaf.compareAndSet(index, null, fresh)) {
                pages.incrementAndGet();
                return fresh;
            }
            page = leaf.get(index);
        } while (page == null);
        return page;
    }

    /** Lets the pages from the first to before the end go. */
    void free(long first, long end) {
        for (long number = first; number < end; number++) {
            Leaf leaf = leaf(number);
            if (leaf == null) {
                number = lastOfLeaf(number);
            } else if (leaf.getAndSet((int) number & LEAF_SIZE - 1, null) != null) {
                pages.decrementAndGet();
            }
        }
    }

    /** How many pages from the first on, but before the end, are there, or are not. */
    long run(long first, long end, boolean there) {
        long number = first;
        while (number < end) {
            Leaf leaf = leaf(number);
            if (leaf == null && !there) {
                number = lastOfLeaf(number);
            } else if (leaf == null || (leaf.get((int) number & LEAF_SIZE - 1) != null) != there) {
                break;
            }
            number++;
        }
        return Math.min(number, end) - first;
    }

    /** Lets everything go. */
    synchronized void clear() {
        leaves = new AtomicReferenceArray<>(0);
        pages.set(0);
    }

    private Leaf leaf(long number) {
        AtomicReferenceArray<Leaf> table = leaves;
        long index = number >>> LEAF_SHIFT;
        return index < table.length() ? table.get((int) index) : null;
    }

    private long lastOfLeaf(long number) {
        AtomicReferenceArray<Leaf> table = leaves;
        return (number >>> LEAF_SHIFT) < table.length()
                ? number | LEAF_SIZE - 1
                : Long.MAX_VALUE - 1;
    }

    private synchronized Leaf leafOrAllocate(long number) {
        int index = (int) (number >>> LEAF_SHIFT);
        AtomicReferenceArray<Leaf> table = leaves;
        if (index >= table.length()) {
            AtomicReferenceArray<Leaf> larger =
                    new AtomicReferenceArray<>(Math.max(index + 1, table.length() * 3 / 2));
            for (int i = 0; i < table.length(); i++) {
                larger.set(i, table.get(i));
            }
            table = larger;
        }
        if (table.get(index) == null) {
            table.set(index, new Leaf());
        }
        leaves = table;
        return table.get(index);
    }
}
