package io.diskport.nbd.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** What servers say of the lengths they take. */
class BlockSizesTest {
    private static BlockSizes parse(int minimum, int preferred, int maximum)
            throws ProtocolViolation {
        ByteBuffer info = ByteBuffer.allocate(12);
        return BlockSizes.parse(info.putInt(minimum).putInt(preferred).putInt(maximum).flip());
    }

    @Test
    void whatIsUsualIsTaken() throws ProtocolViolation {
        assertEquals(new BlockSizes(512, 4096, 1 << 20), parse(512, 4096, 1 << 20));
        assertEquals(new BlockSizes(65536, 65536, 65536), parse(65536, 65536, 65536));
    }

    @Test
    void noLimitIsTheUsualOne() throws ProtocolViolation {
        assertEquals(new BlockSizes(1, 4096, 32 << 20), parse(1, 4096, -1));
    }

    @Test
    void aMaximumIsAMultipleOfBlocks() throws ProtocolViolation {
        assertEquals(new BlockSizes(512, 512, 1024), parse(512, 512, 1535));
    }

    @Test
    void aPreferenceThatCannotBeMetIsLeftOut() throws ProtocolViolation {
        assertEquals(new BlockSizes(512, 4096, 1 << 20), parse(512, 5000, 1 << 20));
        assertEquals(new BlockSizes(8192, 8192, 1 << 20), parse(8192, 512, 1 << 20));
        assertEquals(new BlockSizes(1, 4096, 32 << 20), parse(1, 1 << 31, -1));
    }

    @Test
    void whatIsImpossibleIsRefused() {
        assertThrows(ProtocolViolation.class, () -> parse(0, 4096, -1));
        assertThrows(ProtocolViolation.class, () -> parse(3, 4096, -1));
        assertThrows(ProtocolViolation.class, () -> parse(1 << 17, 1 << 17, -1));
        assertThrows(ProtocolViolation.class, () -> parse(1 << 31, 1 << 31, -1));
        assertThrows(ProtocolViolation.class, () -> parse(512, 512, 511));
        assertThrows(ProtocolViolation.class, () -> BlockSizes.parse(ByteBuffer.allocate(11)));
    }
}
