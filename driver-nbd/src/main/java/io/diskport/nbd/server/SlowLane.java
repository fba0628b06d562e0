package io.diskport.nbd.server;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The requests of one connection that may have to wait, done by threads of the node. Each thread
 * takes one after the other while there are any, so that a busy connection wakes few of them.
 */
final class SlowLane {
    private final Executor executor;
    private final int parallelism;
    private final Consumer<Request> work;
    private final Runnable worker = this::work;
    private Request first;
    private Request last;
    private int workers;
    private int unfinished;
    private long lastFinished = System.nanoTime();

    /**
     * No request yet.
     *
     * @param parallelism how many requests at once still help
     * @param work does a request; it throws nothing
     */
    SlowLane(Executor executor, int parallelism, Consumer<Request> work) {
        this.executor = executor;
        this.parallelism = parallelism;
        this.work = work;
    }

    void submit(Request request) {
        synchronized (this) {
            request.next = null;
            if (last == null) {
                first = request;
            } else {
                last.next = request;
            }
            last = request;
            unfinished++;
            if (workers >= parallelism) {
                return;
            }
            workers++;
        }
        try {
            executor.execute(worker);
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            // An iothread that is being deleted, or no thread to be had: nobody else will do it.
            work();
        }
    }

    private void work() {
        Request request = next();
        while (request != null) {
            work.accept(request);
            request = next();
        }
    }

    private synchronized Request next() {
        Request request = first;
        if (request == null) {
            workers--;
        } else {
            first = request.next;
            if (first == null) {
                last = null;
            }
        }
        return request;
    }

    /** A request has been done, and its reply was sent or dropped. */
    synchronized void finished() {
        unfinished--;
        lastFinished = System.nanoTime();
        notifyAll();
    }

    /** When the last request was finished, by System.nanoTime; 0 if some are not. */
    synchronized long idleSince() {
        return unfinished > 0 ? 0 : lastFinished;
    }

    synchronized int unfinished() {
        return unfinished;
    }

    /** Waits until fewer than so many are unfinished, or for a while. */
    synchronized void awaitFewer(int count, long millis) throws InterruptedException {
        if (unfinished >= count) {
            wait(millis);
        }
    }

    /** Waits until no thread is at work here any more; false if time ran out. */
    synchronized boolean awaitWorkers(long millis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (workers > 0 || first != null) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            wait(Math.max(1, Math.min(5, TimeUnit.NANOSECONDS.toMillis(left))));
        }
        return true;
    }
}
