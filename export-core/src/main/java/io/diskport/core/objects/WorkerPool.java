package io.diskport.core.objects;

import io.diskport.api.object.IoThread;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A bounded pool of platform threads, which end when there is nothing to do. */
final class WorkerPool implements IoThread {
    private static final long IDLE_SECONDS = 10;
    private static final long CLOSE_SECONDS = 2;

    private final ThreadPoolExecutor threads;

    WorkerPool(String id, int workers) {
        this(id, workers, IDLE_SECONDS, TimeUnit.SECONDS);
    }

    WorkerPool(String id, int workers, long idle, TimeUnit unit) {
        AtomicInteger number = new AtomicInteger();
        threads =
                new ThreadPoolExecutor(
                        workers,
                        workers,
                        idle,
                        unit,
                        new LinkedBlockingQueue<>(),
                        task -> {
                            Thread thread =
                                    new Thread(
                                            task,
                                            "iothread-" + id + "-" + number.incrementAndGet());
                            thread.setDaemon(true);
                            return thread;
                        });
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public Executor executor() {
        return threads;
    }

    @Override
    public Map<String, String> info() {
        return Map.of("busy", threads.getActiveCount() + " of " + threads.getMaximumPoolSize());
    }

    /**
     * Lets what was given finish, for 2 s; what hangs longer is interrupted and left. What has not
     * begun by then is done all the same, by a thread of its own: somebody waits for each task.
     */
    @Override
    public void close() {
        threads.shutdown();
        boolean interrupted = false;
        try {
            if (threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        List<Runnable> rest = threads.shutdownNow();
        if (!rest.isEmpty()) {
            Thread thread = new Thread(() -> rest.forEach(Runnable::run), "iothread-rest");
            thread.setDaemon(true);
            thread.start();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
