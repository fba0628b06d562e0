package io.diskport.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.Extent;
import io.diskport.api.node.RequestFlags;
import io.diskport.api.options.OnOffAuto;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The node where there is nothing native. */
class ChannelFileNodeTest extends FileNodeTests {
    @Override
    FileOpener opener() {
        return new ChannelFileOpener("the bundle native-runtime is not there");
    }

    @Test
    void saysWhatItCannotDo() throws Exception {
        BlockNode node = open(TestContext.writable());
        assertEquals(Map.of("engine", "java", "locking", "off"), node.info());
        assertEquals(Extent.data(100), node.status(0, 100));
        assertEquals(LENGTH, node.allocatedLength());
        assertFalse(node.tryRead(0, ByteBuffer.allocate(10)));
        assertEquals(Optional.empty(), node.leaseFile(false, () -> {}));
        BlockIOException e = assertThrows(BlockIOException.class, () -> node.preallocate(0, 4096));
        assertEquals(Errno.EOPNOTSUPP, e.errno());
        e =
                assertThrows(
                        BlockIOException.class,
                        () -> node.writeZeroes(0, 4096, RequestFlags.NO_FALLBACK));
        assertEquals(Errno.EOPNOTSUPP, e.errno());
    }

    @Test
    void lockingOnIsRefused() {
        BlockException e =
                assertThrows(
                        BlockException.class,
                        () -> open(TestContext.writable(), path, OnOffAuto.ON));
        assertEquals(
                "Failed to lock '"
                        + path
                        + "': the bundle native-runtime is not there;"
                        + " use locking=auto or locking=off",
                e.getMessage());
    }
}
