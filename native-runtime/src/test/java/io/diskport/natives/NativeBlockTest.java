package io.diskport.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class NativeBlockTest {
    // More than malloc(3) ever serves from memory that was used before.
    private static final int SIZE = 64 << 20;
    private static final int PAGE = 4096;
    private static final NativeFunction MINCORE = NativeFunction.ofInt("mincore", 3);
    private static final NativeFunction PAGE_SIZE = NativeFunction.ofInt("getpagesize", 0);

    @Test
    void startsAtAMultipleOfTheAlignment() {
        for (int alignment = 1; alignment <= 1 << 20; alignment <<= 1) {
            try (NativeBlock block = new NativeBlock(3, alignment)) {
                assertEquals(0, block.address() % alignment);
                assertEquals(3, block.size());
            }
        }
    }

    @Test
    void takesNoMemoryUntilItIsUsed() {
        int page = (int) PAGE_SIZE.call();
        try (NativeBlock block = new NativeBlock(SIZE, page)) {
            // The kernel may give a huge page where malloc(3) writes its header.
            int before = residentPages(block.address(), page);
            assertTrue(before >= 0 && before < SIZE / page / 2, before + " pages of " + page);
            block.view(SIZE / 2, 1).put(0, (byte) 1);
            int after = residentPages(block.address(), page);
            assertTrue(after > before, after + " after " + before + " pages");
        }
    }

    @Test
    void isFreedByTheFirstCloseAndNotAgain() {
        int page = (int) PAGE_SIZE.call();
        NativeBlock block = new NativeBlock(SIZE, page);
        long address = block.address();
        block.close();
        assertEquals(-NativeError.ENOMEM, residentPages(address, page));
        block.close();
        assertThrows(IllegalStateException.class, block::address);
        assertThrows(IllegalStateException.class, () -> block.view(0, 1));
    }

    @Test
    void viewsShowTheirPartInNativeOrder() {
        try (NativeBlock block = new NativeBlock(PAGE, PAGE)) {
            ByteBuffer all = block.view(0, PAGE);
            ByteBuffer part = block.view(8, 16);
            assertEquals(ByteOrder.nativeOrder(), part.order());
            assertEquals(16, part.capacity());
            assertEquals(block.address() + 8, NativeMemory.address(part));
            part.putLong(0, 0x0102030405060708L);
            assertEquals(0x0102030405060708L, all.getLong(8));
        }
    }

    @Test
    void viewsStayWithin() {
        try (NativeBlock block = new NativeBlock(16, 1)) {
            assertEquals(0, block.view(16, 0).capacity());
            assertThrows(IndexOutOfBoundsException.class, () -> block.view(1, 16));
            assertThrows(IndexOutOfBoundsException.class, () -> block.view(-1, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> block.view(16, Integer.MAX_VALUE));
        }
    }

    @Test
    void sizeAndAlignmentAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> new NativeBlock(0, 1));
        assertThrows(IllegalArgumentException.class, () -> new NativeBlock(1, 0));
        assertThrows(IllegalArgumentException.class, () -> new NativeBlock(1, 24));
    }

    /** mincore(2): how many of the pages are in memory, or -ENOMEM where none are mapped. */
    private static int residentPages(long address, int page) {
        byte[] pages = new byte[SIZE / page];
        ByteBuffer states = ByteBuffer.allocateDirect(pages.length);
        long result = MINCORE.call(address, SIZE, NativeMemory.address(states));
        states.get(pages);
        int resident = 0;
        for (byte state : pages) {
            resident += state & 1;
        }
        return result < 0 ? (int) result : resident;
    }
}
