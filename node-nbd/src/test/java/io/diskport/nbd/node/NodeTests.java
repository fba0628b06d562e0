package io.diskport.nbd.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.BlockNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What tests of nodes on servers have in common: what they open is closed, the last one first. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
abstract class NodeTests {
    private static final long DEADLINE_SECONDS = 20;

    @TempDir Path folder;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    @AfterEach
    void closeAll() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    <T extends AutoCloseable> T later(T closeable) {
        opened.push(closeable);
        return closeable;
    }

    Path socket() {
        return folder.resolve("socket");
    }

    MiniServer server(MiniServer.Script script) throws IOException {
        return later(new MiniServer(socket(), script));
    }

    BlockNode open(TestOptions options) throws BlockException {
        return open(TestContext.writable(), options);
    }

    BlockNode open(TestContext context, TestOptions options) throws BlockException {
        return later(new NbdNodeDriver().open(context, options.get()));
    }

    static String refused(Executable open, BlockException.Reason reason) {
        BlockException e = assertThrows(BlockException.class, open);
        assertEquals(reason, e.reason(), e.getMessage());
        return e.getMessage();
    }

    static String fails(Errno errno, Executable request) {
        BlockIOException e = assertThrows(BlockIOException.class, request);
        assertEquals(errno, e.errno(), e.getMessage());
        return e.getMessage();
    }

    static void assertSays(String text, String... parts) {
        for (String part : parts) {
            assertTrue(text.contains(part), () -> "'" + part + "' is not in: " + text);
        }
    }

    static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static byte[] read(BlockNode node, long offset, int length) throws BlockIOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        node.read(offset, buffer);
        assertFalse(buffer.hasRemaining());
        return buffer.array();
    }

    static void write(BlockNode node, long offset, byte... data) throws BlockIOException {
        ByteBuffer buffer = ByteBuffer.wrap(data);
        node.write(offset, 0, buffer);
        assertFalse(buffer.hasRemaining());
    }

    /** On a thread of its own. */
    static <T> Future<T> async(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                result.complete(task.call());
                            } catch (Exception | AssertionError e) {
                                result.completeExceptionally(e);
                            }
                        },
                        "async");
        thread.setDaemon(true);
        thread.start();
        return result;
    }

    static <T> T get(Future<T> future) throws Exception {
        try {
            return future.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("not within " + DEADLINE_SECONDS + " s", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw new AssertionError(e.getCause());
        }
    }
}
