package io.diskport.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class IoVectorsTest {
    private final ByteBuffer memory = ByteBuffer.allocateDirect(100);
    private final long base = NativeMemory.address(memory);

    @Test
    void advancesAcrossEntries() {
        IoVectors vectors = new IoVectors(3).add(base, 10).add(base + 10, 20).add(base + 30, 30);
        vectors.advance(15);
        assertEquals(2, vectors.count());
        assertEquals(45, vectors.remaining());
        ByteBuffer entry = NativeMemory.view(vectors.address(), 16);
        assertEquals(base + 15, entry.getLong(0));
        assertEquals(15, entry.getLong(8));
        vectors.advance(45);
        assertEquals(0, vectors.count());
    }

    @Test
    void zeroesWhatRemains() {
        for (int i = 0; i < 100; i++) {
            memory.put(i, (byte) 7);
        }
        IoVectors vectors = new IoVectors(2).add(base, 10).add(base + 20, 10);
        vectors.advance(5);
        vectors.zeroRemaining();
        assertEquals(0, vectors.remaining());
        for (int i = 0; i < 100; i++) {
            boolean zeroed = i >= 5 && i < 10 || i >= 20 && i < 30;
            assertEquals(zeroed ? 0 : 7, memory.get(i), "byte " + i);
        }
    }

    @Test
    void isUsedAgainAfterClear() {
        IoVectors vectors = new IoVectors(1).add(base, 10);
        assertEquals(0, vectors.room());
        assertThrows(IllegalStateException.class, () -> vectors.add(base, 1));
        vectors.advance(10);
        assertEquals(1, vectors.clear().add(base, 3).count());
        assertEquals(3, vectors.remaining());
    }

    @Test
    void refusesWhatIsOutOfBounds() {
        assertThrows(IllegalArgumentException.class, () -> new IoVectors(0));
        assertThrows(IllegalArgumentException.class, () -> new IoVectors(IoVectors.MAX + 1));
        IoVectors vectors = new IoVectors(1).add(base, 10);
        assertThrows(IllegalArgumentException.class, () -> vectors.advance(11));
        assertThrows(IllegalArgumentException.class, () -> vectors.add(base, -1));
    }
}
