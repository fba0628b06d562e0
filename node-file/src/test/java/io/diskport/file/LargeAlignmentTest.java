package io.diskport.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.DiscardMode;
import io.diskport.api.node.NodeSettings;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that ask for more than pages past the page cache. */
class LargeAlignmentTest {
    private static final int LARGE = 65536;

    @TempDir Path folder;

    /** A file that insists on its alignment of memory. */
    private OpenFile asking(Path path, int alignment) throws BlockException {
        OpenFile real = new NativeFileOpener().open(path, true, false);
        return (OpenFile)
                Proxy.newProxyInstance(
                        LargeAlignmentTest.class.getClassLoader(),
                        new Class<?>[] {OpenFile.class},
                        (proxy, method, arguments) -> {
                            if (method.getName().equals("alignment")) {
                                return new Alignment(alignment, alignment);
                            }
                            if (arguments != null
                                    && arguments[arguments.length - 1] instanceof ByteBuffer b) {
                                assertEquals(0, b.alignmentOffset(b.position(), alignment));
                            }
                            try {
                                return method.invoke(real, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    @Test
    void memoryThatIsAlignedToPagesIsBounced() throws Exception {
        byte[] data = FileNodeTests.random(4 * LARGE, 1);
        Path path = Files.write(folder.resolve("disk.raw"), data);
        NodeSettings settings = TestContext.with(true, DiscardMode.UNMAP).settings();
        FileNode node =
                new FileNode(
                        new Opened(asking(path, LARGE), "f", settings, true, Optional.empty()),
                        "test");
        try (BlockNode started = node) {
            node.start();
            assertEquals(LARGE, started.limits().requestAlignment());
            assertEquals(4096, started.limits().memoryAlignment());
            ByteBuffer page =
                    ByteBuffer.allocateDirect(4 * LARGE).alignedSlice(LARGE).position(4096);
            started.read(LARGE, page.limit(4096 + LARGE));
            byte[] read = new byte[LARGE];
            page.position(4096).get(read);
            assertEquals(ByteBuffer.wrap(data, LARGE, LARGE), ByteBuffer.wrap(read));
            started.write(0, 0, page.position(4096));
        }
        System.arraycopy(data, LARGE, data, 0, LARGE);
        assertArrayEquals(data, Files.readAllBytes(path));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 3000, 131_072, 1L << 40})
    void blocksThatAreTooLargeAreRefused(long block) {
        Path path = Path.of("disk.raw");
        OpenFailure e =
                assertThrows(OpenFailure.class, () -> ChannelFileOpener.alignment(path, block));
        assertEquals(BlockException.Reason.UNSUPPORTED, e.reason());
        assertTrue(e.getMessage().contains("of " + block + " bytes"), e.getMessage());
        assertTrue(e.getMessage().endsWith("use cache.direct=off"), e.getMessage());
    }

    @Test
    void blocksOf64KiBAreTaken() throws Exception {
        assertEquals(new Alignment(LARGE, LARGE), ChannelFileOpener.alignment(Path.of("f"), LARGE));
    }
}
