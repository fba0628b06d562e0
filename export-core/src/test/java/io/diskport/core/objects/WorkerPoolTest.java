package io.diskport.core.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class WorkerPoolTest {
    @Test
    void runsAsManyTasksAtOnceAsItHasWorkers() throws Exception {
        WorkerPool pool = new WorkerPool("p", 3);
        CountDownLatch running = new CountDownLatch(3);
        CountDownLatch end = new CountDownLatch(1);
        AtomicBoolean fourth = new AtomicBoolean();
        for (int i = 0; i < 3; i++) {
            pool.executor()
                    .execute(
                            () -> {
                                running.countDown();
                                awaitQuietly(end);
                            });
        }
        pool.executor().execute(() -> fourth.set(true));
        assertTrue(running.await(10, TimeUnit.SECONDS));
        assertFalse(fourth.get());
        assertEquals("3 of 3", pool.info().get("busy"));
        end.countDown();
        pool.close();
        assertTrue(fourth.get());
        assertThrows(RejectedExecutionException.class, () -> pool.executor().execute(() -> {}));
    }

    @Test
    void idleThreadsEnd() throws Exception {
        WorkerPool pool = new WorkerPool("idle", 1, 10, TimeUnit.MILLISECONDS);
        AtomicReference<Thread> worker = new AtomicReference<>();
        CountDownLatch ran = new CountDownLatch(1);
        pool.executor()
                .execute(
                        () -> {
                            worker.set(Thread.currentThread());
                            ran.countDown();
                        });
        assertTrue(ran.await(10, TimeUnit.SECONDS));
        assertEquals("iothread-idle-1", worker.get().getName());
        assertTrue(worker.get().isDaemon());
        worker.get().join(10_000);
        assertFalse(worker.get().isAlive());
        pool.close();
    }

    @Test
    void taskThatHangsDoesNotHoldTheEndUp() throws Exception {
        WorkerPool pool = new WorkerPool("p", 1);
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        CountDownLatch ended = new CountDownLatch(1);
        pool.executor()
                .execute(
                        () -> {
                            started.countDown();
                            interrupted.set(!awaitQuietly(never));
                            ended.countDown();
                        });
        assertTrue(started.await(10, TimeUnit.SECONDS));
        long start = System.nanoTime();
        pool.close();
        assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(3));
        assertTrue(ended.await(10, TimeUnit.SECONDS));
        assertTrue(interrupted.get());
    }

    @Test
    void whatWaitedBehindATaskThatHangsIsDoneAllTheSame() throws Exception {
        WorkerPool pool = new WorkerPool("p", 1);
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch behind = new CountDownLatch(2);
        pool.executor()
                .execute(
                        () -> {
                            started.countDown();
                            awaitQuietly(never);
                        });
        assertTrue(started.await(10, TimeUnit.SECONDS));
        pool.executor().execute(behind::countDown);
        pool.executor().execute(behind::countDown);
        pool.close();
        assertTrue(behind.await(10, TimeUnit.SECONDS));
    }

    private static boolean awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }
}
