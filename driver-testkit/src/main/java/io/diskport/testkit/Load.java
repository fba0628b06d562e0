package io.diskport.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Clients that read until they are told to end, or get an error. */
final class Load {
    private final List<Thread> threads = new ArrayList<>();
    private final List<IOException> errors = new CopyOnWriteArrayList<>();
    private final AtomicLong requests = new AtomicLong();
    private volatile boolean over;

    Load(Callable<ExportClient> connect, int clients) throws Exception {
        for (int i = 0; i < clients; i++) {
            ExportClient client = connect.call();
            Thread thread = new Thread(() -> run(client), "load-" + i);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    private void run(ExportClient client) {
        try (client) {
            for (int i = 0; !over; i++) {
                client.read(i % 128 * 4096L, 4096);
                requests.incrementAndGet();
            }
        } catch (IOException e) {
            errors.add(e);
        }
    }

    /** Waits for some more requests. */
    void awaitRequests(int count) {
        long before = requests.get();
        Await.until(
                () -> count + " requests; there were " + (requests.get() - before) + ", " + errors,
                () -> requests.get() - before >= count);
    }

    /** Ends; whatever the clients got is right, but that they have to get something. */
    void end() throws InterruptedException {
        over = true;
        for (Thread thread : threads) {
            thread.join(Await.SOON.toMillis());
            if (thread.isAlive()) {
                throw new AssertionError("a client was left waiting");
            }
        }
    }

    void endWithoutError() throws InterruptedException {
        end();
        assertEquals(List.of(), errors, "errors of clients");
    }
}
