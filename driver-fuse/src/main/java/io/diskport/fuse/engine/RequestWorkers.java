package io.diskport.fuse.engine;

import io.diskport.fuse.mount.WakeablePoll;
import io.diskport.natives.Libc;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeMemory;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The threads that take requests from a /dev/fuse descriptor: one waits for the next request while
 * the others serve theirs, and there is a new one whenever none is left to wait, so that a slow
 * request holds up no other.
 *
 * <p>No thread ever blocks inside read(2): the descriptor is non-blocking, and waiting is done by
 * poll(2) together with a descriptor that wakes it. Otherwise the kernel would keep the connection
 * alive for as long as the read lasts, and it could not be ended from here.
 */
final class RequestWorkers {
    private static final int MOST_WORKERS = 64;
    private static final int MOST_WAITING = 4;
    private static final int PAGE = 4096;

    /** Serves one request. */
    interface Handler {
        void serve(long buffer, int length);
    }

    private final String name;
    private final int descriptor;
    private final int bufferSize;
    private final Handler handler;
    private final Runnable atEnd;
    private final System.Logger log;
    private final WakeablePoll wait;
    private final ReentrantLock leader = new ReentrantLock();
    private final AtomicInteger alive = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger numbers = new AtomicInteger();
    private final CountDownLatch allGone = new CountDownLatch(1);
    private volatile boolean stopping;

    /**
     * Workers that are not started yet.
     *
     * @param wait theirs from now on
     * @param atEnd called once by the last worker that leaves; frees what they share
     */
    RequestWorkers(
            String name,
            int descriptor,
            int bufferSize,
            WakeablePoll wait,
            Handler handler,
            Runnable atEnd,
            System.Logger log) {
        this.name = name;
        this.descriptor = descriptor;
        this.bufferSize = bufferSize;
        this.wait = wait;
        this.handler = handler;
        this.atEnd = atEnd;
        this.log = log;
    }

    void start() {
        alive.incrementAndGet();
        spawn();
    }

    /** Takes no more requests. Does not wait. */
    void stop() {
        stopping = true;
        wait.wake();
    }

    /** Waits until no worker is left; false if some still are. */
    boolean awaitEnd(long millis) throws InterruptedException {
        return allGone.await(millis, TimeUnit.MILLISECONDS);
    }

    /** How many workers there are: once stopped, how many requests have not come back. */
    int alive() {
        return alive.get();
    }

    private void spawn() {
        Thread thread = new Thread(this::work, name + "-" + numbers.incrementAndGet());
        thread.setDaemon(true);
        thread.start();
    }

    private void work() {
        try {
            ByteBuffer buffer = NativeMemory.allocate(bufferSize, PAGE);
            long address = NativeMemory.address(buffer);
            int length = receive(address);
            while (length > 0) {
                ensureLeader();
                serve(address, length);
                length = waiting.get() < MOST_WAITING ? receive(address) : 0;
            }
            java.lang.ref.Reference.reachabilityFence(buffer);
        } catch (Throwable e) {
            log.log(System.Logger.Level.ERROR, "A FUSE worker died", e);
        } finally {
            leave();
        }
    }

    private void serve(long address, int length) {
        try {
            handler.serve(address, length);
        } catch (Throwable e) {
            log.log(System.Logger.Level.ERROR, "A FUSE request failed without a reply", e);
        }
    }

    /** Sees to it that somebody waits for the next request while this thread is busy. */
    private void ensureLeader() {
        while (waiting.get() == 0 && !stopping) {
            int count = alive.get();
            if (count >= MOST_WORKERS) {
                return;
            }
            if (alive.compareAndSet(count, count + 1)) {
                try {
                    spawn();
                } catch (OutOfMemoryError e) {
                    alive.decrementAndGet();
                    log.log(System.Logger.Level.WARNING, "No thread for a FUSE worker", e);
                }
                return;
            }
        }
    }

    /** The length of the next request, or 0 if there will be none. */
    private int receive(long address) {
        waiting.incrementAndGet();
        leader.lock();
        try {
            while (!stopping) {
                int result = (int) Libc.read(descriptor, address, bufferSize);
                if (result > 0) {
                    return result;
                }
                if (result == -NativeError.EAGAIN) {
                    wait.await();
                } else if (result != -NativeError.EINTR && result != -NativeError.ENOENT) {
                    stop();
                }
            }
            return 0;
        } finally {
            leader.unlock();
            waiting.decrementAndGet();
        }
    }

    private void leave() {
        if (alive.decrementAndGet() > 0) {
            return;
        }
        try {
            atEnd.run();
        } catch (Throwable e) {
            log.log(System.Logger.Level.ERROR, "A FUSE mount could not be freed", e);
        } finally {
            wait.close();
            allGone.countDown();
        }
    }
}
