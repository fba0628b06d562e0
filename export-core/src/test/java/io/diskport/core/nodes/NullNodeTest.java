package io.diskport.core.nodes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.node.BlockNode;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class NullNodeTest {
    @Test
    void isAGigabyteByDefaultAndTakesNothing() throws Exception {
        BlockNode node = open("");
        assertEquals(1L << 30, node.length());
        assertEquals(0, node.allocatedLength());
    }

    @Test
    void neverShowsWhatWasInTheBuffer() throws Exception {
        for (String options : new String[] {"", "read-zeroes=on"}) {
            BlockNode node = open(options);
            byte[] data = new byte[200_000];
            Arrays.fill(data, (byte) 7);
            node.write(0, 0, ByteBuffer.wrap(data));
            ByteBuffer buffer = ByteBuffer.wrap(data);
            assertTrue(node.tryRead(0, buffer));
            assertEquals(0, buffer.remaining());
            assertArrayEquals(new byte[200_000], data);
        }
    }

    @Test
    void promisesZeroesOnlyWhereAsked() throws Exception {
        assertFalse(open("").status(0, 10).zero());
        assertTrue(open("read-zeroes=on").status(0, 10).zero());
    }

    @Test
    void requestsTakeTheLatencyAndAreNotTried() throws Exception {
        BlockNode node = open("latency-ns=2000000");
        ByteBuffer buffer = ByteBuffer.allocate(10);
        assertFalse(node.tryRead(0, buffer));
        assertFalse(node.tryWrite(0, 0, buffer));
        assertEquals(10, buffer.remaining());
        long start = System.nanoTime();
        node.read(0, buffer);
        node.write(0, 0, buffer.flip());
        node.flush();
        assertTrue(System.nanoTime() - start >= 6_000_000);
        assertEquals(0, buffer.remaining());
    }

    @Test
    void latencyIsNotNegative() {
        BlockException e = assertThrows(BlockException.class, () -> open("latency-ns=-1"));
        assertEquals("latency-ns is invalid: '-1' is less than 0", e.getMessage());
    }

    private static BlockNode open(String options) throws BlockException {
        return new NullNodeDriver()
                .open(
                        new FakeContext(null, null),
                        FakeContext.options(NullNodeDriver.Options.class, options));
    }
}
