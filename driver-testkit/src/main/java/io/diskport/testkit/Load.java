package io.diskport.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that read, and write where they can, until they are told to end or get an error. Each has
 * blocks of its own, and knows what is in them.
 */
final class Load {
    private static final int BLOCK = 4096;

    /** So many are used, from the beginning on. */
    private static final int BLOCKS = 128;

    private static final int CLIENTS = 3;

    private final List<Thread> threads = new ArrayList<>();
    private final List<IOException> errors = new CopyOnWriteArrayList<>();
    private final List<String> differences = new CopyOnWriteArrayList<>();
    private final AtomicLong requests = new AtomicLong();
    private final byte[] expected;
    private final boolean writes;
    private volatile boolean over;

    /**
     * Connects the clients and has them begin.
     *
     * @param content what is on the node
     */
    Load(Callable<ExportClient> connect, byte[] content, boolean writes) throws Exception {
        this.expected = content.clone();
        this.writes = writes;
        for (int i = 0; i < CLIENTS; i++) {
            int lane = i;
            ExportClient client = connect.call();
            Thread thread = new Thread(() -> run(client, lane), "load-" + i);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    private void run(ExportClient client, int lane) {
        Random random = new Random(lane);
        try (client) {
            for (int turn = 0; !over; turn++) {
                int offset = (turn % (BLOCKS / CLIENTS) * CLIENTS + lane) * BLOCK;
                if (writes && turn % 4 == 0) {
                    byte[] block = new byte[BLOCK];
                    random.nextBytes(block);
                    client.write(offset, block);
                    System.arraycopy(block, 0, expected, offset, BLOCK);
                }
                compare(client.read(offset, BLOCK), offset);
                requests.incrementAndGet();
            }
            if (writes) {
                client.flush();
            }
        } catch (IOException e) {
            errors.add(e);
        }
    }

    private void compare(byte[] read, int offset) {
        int at = Arrays.mismatch(read, 0, BLOCK, expected, offset, offset + BLOCK);
        if (at >= 0) {
            differences.add("byte " + (offset + at) + " is not what was there or was written");
        }
    }

    /** Waits for some more requests. */
    void awaitRequests(int count) {
        long before = requests.get();
        Await.until(
                () -> count + " requests; there were " + (requests.get() - before),
                () -> !errors.isEmpty() || requests.get() - before >= count);
        assertEquals(List.of(), errors, "errors of clients");
        assertEquals(List.of(), differences, "what clients read");
    }

    /** Ends; whatever error the clients got is right, but that they have to get something. */
    void end() throws InterruptedException {
        over = true;
        for (Thread thread : threads) {
            thread.join(Await.patience().toMillis());
            if (thread.isAlive()) {
                throw new AssertionError("a client was left waiting");
            }
        }
        assertEquals(List.of(), differences, "what clients read");
    }

    /** Ends; no client got an error, and what they wrote is on the node. */
    void endWithoutError(TestNode node) throws InterruptedException {
        end();
        assertEquals(List.of(), errors, "errors of clients");
        assertArrayEquals(expected, node.content(), "what was written and flushed is on the node");
    }
}
