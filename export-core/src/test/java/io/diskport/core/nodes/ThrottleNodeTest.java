package io.diskport.core.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.Permissions;
import io.diskport.api.object.ThrottleGroup;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ThrottleNodeTest {
    /** Counts what is accounted for. */
    private static final class Counting implements ThrottleGroup {
        long nanos;
        int reads;
        int writes;
        long bytes;

        @Override
        public long reserve(boolean write, long length) {
            count(write, length, 1);
            return nanos;
        }

        @Override
        public boolean tryReserve(boolean write, long length) {
            if (nanos > 0) {
                return false;
            }
            count(write, length, 1);
            return true;
        }

        @Override
        public void cancel(boolean write, long length) {
            count(write, length, -1);
        }

        private void count(boolean write, long length, int sign) {
            reads += write ? 0 : sign;
            writes += write ? sign : 0;
            bytes += sign * length;
        }
    }

    private final Counting group = new Counting();
    private final FakeChild child = new FakeChild(10_000);
    private final FakeContext context = new FakeContext(child, group);
    private final ByteBuffer buffer = ByteBuffer.allocate(100);
    private BlockNode node;

    @BeforeEach
    void open() throws BlockException {
        node =
                new ThrottleNodeDriver()
                        .open(
                                context,
                                FakeContext.options(
                                        ThrottleNodeDriver.Options.class,
                                        "throttle-group=g,file=child"));
        node.setPermissions(Permissions.READ_WRITE, Permissions.ALL);
    }

    @Test
    void accountsForEveryRequestOnce() throws Exception {
        node.read(0, buffer.clear());
        node.write(0, 0, buffer.flip());
        assertTrue(node.tryRead(0, buffer.clear()));
        assertTrue(node.tryWrite(0, 0, buffer.flip()));
        node.write(0, 0, new ByteBuffer[] {buffer.clear(), buffer.duplicate()}, 0, 2);
        node.writeZeroes(0, 50, 0);
        node.discard(0, 1000, 0);
        node.flush();
        assertEquals(2, group.reads);
        assertEquals(5, group.writes);
        assertEquals(650, group.bytes);
    }

    @Test
    void failedTryIsNotAccountedFor() throws Exception {
        child.tries = false;
        assertFalse(node.tryRead(0, buffer.clear()));
        assertFalse(node.tryWrite(0, 0, buffer.clear()));
        assertFalse(node.tryRead(0, new ByteBuffer[] {buffer, buffer}, 0, 2));
        assertFalse(node.tryWrite(0, 0, new ByteBuffer[] {buffer}, 0, 1));
        assertEquals(0, group.reads + group.writes + group.bytes);
    }

    @Test
    void waitsForItsTurnAndIsNotTriedBefore() throws Exception {
        group.nanos = 3_000_000;
        assertFalse(node.tryRead(0, buffer.clear()));
        assertFalse(node.tryWrite(0, 0, buffer.clear()));
        long start = System.nanoTime();
        node.read(0, buffer.clear());
        assertTrue(System.nanoTime() - start >= 3_000_000);
        assertEquals(0, buffer.remaining());
    }

    @Test
    void isAFilterThatLendsNoFile() throws Exception {
        assertEquals(Permissions.READ_WRITE, child.held);
        assertEquals(10_000, node.length());
        child.listener.lengthChanged(5);
        assertEquals(java.util.List.of(5L), context.lengths);
        assertTrue(node.leaseFile(false, () -> {}).isEmpty());
    }
}
