package io.diskport.nbd.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Chunks of a read in any order. */
class CoverageTest {
    @Test
    void anyOrderIsRightAndNoByteComesTwice() throws ProtocolViolation {
        Random random = new Random(1);
        Coverage coverage = new Coverage();
        for (int round = 0; round < 200; round++) {
            coverage.clear();
            BitSet come = new BitSet();
            for (int i = 0; i < 100; i++) {
                int start = random.nextInt(500);
                int end = start + 1 + random.nextInt(20);
                if (come.get(start, end).isEmpty()) {
                    coverage.add(start, end);
                    come.set(start, end);
                } else {
                    assertThrows(ProtocolViolation.class, () -> coverage.add(start, end));
                }
                assertEquals(come.cardinality(), coverage.total());
            }
        }
    }

    @Test
    void piecesThatCostMoreThanTheyCarryAreRefused() throws ProtocolViolation {
        Coverage coverage = new Coverage();
        for (int i = 0; i < 1 << 14; i++) {
            coverage.add(2 * i, 2 * i + 1);
        }
        assertThrows(ProtocolViolation.class, () -> coverage.add(1 << 20, (1 << 20) + 1));
    }

    @Test
    void theLargestReadMayComeInReverse() throws ProtocolViolation {
        Coverage coverage = new Coverage();
        int length = 32 << 20;
        for (int end = length; end > 0; end -= 512) {
            coverage.add(end - 512, end);
        }
        assertEquals(length, coverage.total());
    }
}
