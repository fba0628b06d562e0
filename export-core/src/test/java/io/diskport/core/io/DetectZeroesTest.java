package io.diskport.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockIOException;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.CacheSettings;
import io.diskport.api.node.DetectZeroes;
import io.diskport.api.node.DiscardMode;
import io.diskport.api.node.NodeSettings;
import io.diskport.api.node.RequestFlags;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Writes of nothing but zeroes. */
class DetectZeroesTest {
    private final List<String> calls = new ArrayList<>();

    @ParameterizedTest
    @CsvSource({
        "OFF, IGNORE, 0, write 0",
        "ON, IGNORE, 0, zero " + RequestFlags.NO_UNMAP,
        "ON, UNMAP, 1, zero " + (RequestFlags.NO_UNMAP | RequestFlags.FUA),
        "UNMAP, UNMAP, 0, zero 0",
        "UNMAP, UNMAP, 1, zero " + RequestFlags.FUA
    })
    void becomeWhatTheModeSays(DetectZeroes mode, DiscardMode discard, int flags, String call)
            throws BlockIOException {
        NodeIo io = io(mode, discard);
        for (int length : new int[] {1, 4096, 65536, 200_001}) {
            ByteBuffer one = ByteBuffer.allocateDirect(length);
            io.write(0, flags, one);
            assertFalse(one.hasRemaining());
            ByteBuffer[] several = {ByteBuffer.allocate(length), ByteBuffer.allocate(7)};
            io.write(0, flags, several, 0, 2);
            assertFalse(several[0].hasRemaining() || several[1].hasRemaining());
        }
        assertEquals(8, calls.size());
        assertTrue(calls.stream().allMatch(call::equals), calls::toString);
    }

    @Test
    void oneByteThatIsNotZeroMakesItData() throws BlockIOException {
        NodeIo io = io(DetectZeroes.ON, DiscardMode.IGNORE);
        for (int at : new int[] {0, 1, 70_000, 199_999, 200_000}) {
            ByteBuffer buffer = ByteBuffer.allocate(200_001);
            buffer.put(at, (byte) 1);
            io.write(0, 0, buffer);
            assertEquals("write 0", calls.get(calls.size() - 1));
        }
    }

    @Test
    void areNotTriedInlineAndTheFileIsNotLentForWriting() throws BlockIOException {
        NodeIo io = io(DetectZeroes.ON, DiscardMode.IGNORE);
        assertFalse(io.tryWrite(0, 0, ByteBuffer.allocate(10)));
        assertFalse(io.tryWrite(0, 0, new ByteBuffer[] {ByteBuffer.allocate(10)}, 0, 1));
        assertTrue(io.leaseFile(true, () -> {}).isEmpty());
        assertEquals(List.of(), calls);
    }

    private NodeIo io(DetectZeroes mode, DiscardMode discard) {
        return new NodeIo(
                new Recorder(),
                new NodeSettings(
                        false, false, discard, new CacheSettings(false, false), mode, false));
    }

    private final class Recorder implements BlockNode {
        @Override
        public long length() {
            return 1 << 20;
        }

        @Override
        public BlockLimits limits() {
            return BlockLimits.ANY;
        }

        @Override
        public void read(long offset, ByteBuffer destination) {}

        @Override
        public void write(long offset, int flags, ByteBuffer source) {
            if (calls.isEmpty() || source.remaining() != 7) {
                calls.add("write " + flags);
            }
            source.position(source.limit());
        }

        @Override
        public void flush() {}

        @Override
        public void writeZeroes(long offset, long length, int flags) {
            calls.add("zero " + flags);
        }

        @Override
        public void close() {}
    }
}
