package io.diskport.core.life;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The bounded pool of platform threads of one node, for requests that wait. Threads end when idle.
 * A task that comes after the end runs in its caller's thread, so that every request gets its
 * reply.
 */
final class Workers {
    private static final int MOST = 64;

    private Workers() {}

    static ThreadPoolExecutor of(String nodeName, int parallelism) {
        AtomicInteger number = new AtomicInteger();
        int threads = Math.max(1, Math.min(MOST, parallelism));
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(
                        threads,
                        threads,
                        5,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        task -> {
                            Thread thread =
                                    new Thread(
                                            task,
                                            "diskport-node-"
                                                    + nodeName
                                                    + "-"
                                                    + number.incrementAndGet());
                            thread.setDaemon(true);
                            thread.setContextClassLoader(null);
                            return thread;
                        },
                        (task, ended) -> task.run());
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
