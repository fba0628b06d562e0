package io.diskport.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.DiscardMode;
import io.diskport.api.node.RequestFlags;
import io.diskport.api.options.OnOffAuto;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fails to take what is written back to it. */
class FlushTest {
    @TempDir Path folder;

    /** Opens files whose first sync fails. */
    private static FileOpener failingOnce() {
        FileOpener real = new NativeFileOpener();
        return new FileOpener() {
            @Override
            public String engine() {
                return "failing";
            }

            @Override
            public Optional<String> shortcoming() {
                return Optional.empty();
            }

            @Override
            public OpenFile again(OpenFile same, Path path, boolean writable, boolean direct)
                    throws BlockException {
                return open(path, writable, direct);
            }

            @Override
            public OpenFile open(Path path, boolean writable, boolean direct)
                    throws BlockException {
                OpenFile file = real.open(path, writable, direct);
                AtomicInteger syncs = new AtomicInteger();
                return (OpenFile)
                        Proxy.newProxyInstance(
                                FlushTest.class.getClassLoader(),
                                new Class<?>[] {OpenFile.class},
                                (proxy, method, arguments) -> {
                                    if (method.getName().equals("sync")
                                            && syncs.getAndIncrement() == 0) {
                                        throw new BlockIOException(Errno.EIO, "Failed to flush");
                                    }
                                    try {
                                        return method.invoke(file, arguments);
                                    } catch (InvocationTargetException e) {
                                        throw e.getCause();
                                    }
                                });
            }
        };
    }

    private BlockNode open(boolean direct) throws Exception {
        Path path = Files.write(folder.resolve("disk.raw"), new byte[8192]);
        return new FileNodeDriver(failingOnce())
                .open(
                        TestContext.with(direct, DiscardMode.IGNORE),
                        new FileOptions(path, OnOffAuto.OFF));
    }

    @Test
    void aFailedFlushIsNotForgotten() throws Exception {
        try (BlockNode node = open(false)) {
            assertThrows(BlockIOException.class, node::flush);
            BlockIOException again = assertThrows(BlockIOException.class, node::flush);
            assertEquals(Errno.EIO, again.errno());
            assertEquals("Failed to flush (an earlier flush)", again.getMessage());
        }
    }

    @Test
    void aDurableRequestMayBeTheOneThatHearsOfIt() throws Exception {
        try (BlockNode node = open(false)) {
            assertThrows(BlockIOException.class, () -> node.writeZeroes(0, 4096, RequestFlags.FUA));
            assertThrows(BlockIOException.class, node::flush);
        }
    }

    @Test
    void pastThePageCacheNothingWasLost() throws Exception {
        try (BlockNode node = open(true)) {
            assertThrows(BlockIOException.class, node::flush);
            node.flush();
        }
    }
}
