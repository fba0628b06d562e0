package io.diskport.support;

import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The requests of one client that may have to wait, done by threads of the node. Each thread takes
 * one after the other while there are any, so that a busy client wakes few of them. Any thread.
 *
 * @param <R> a request, which is in one lane at a time
 */
public final class Lane<R extends Lane.Link<R>> {
    /** A request that can be one of a list. */
    public interface Link<R> {
        R next();

        void setNext(R request);
    }

    private final Executor executor;
    private final int parallelism;
    private final Consumer<R> work;
    private final Runnable worker = this::work;
    private R first;
    private R last;
    private int workers;
    private volatile int unfinished;
    private long lastFinished = System.nanoTime();

    /**
     * No request yet.
     *
     * @param parallelism how many requests at once still help
     * @param work does a request; it throws nothing
     */
    public Lane(Executor executor, int parallelism, Consumer<R> work) {
        this.executor = executor;
        this.parallelism = parallelism;
        this.work = work;
    }

    /** Has a request done; by the caller where nobody else can be had. */
    public void submit(R request) {
        synchronized (this) {
            request.setNext(null);
            if (last == null) {
                first = request;
            } else {
                last.setNext(request);
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
        } catch (RuntimeException | OutOfMemoryError e) {
            // An iothread that is being deleted, or no thread to be had: nobody else will do it.
            work();
        }
    }

    private void work() {
        R request = next();
        while (request != null) {
            work.accept(request);
            request = next();
        }
    }

    private synchronized R next() {
        R request = first;
        if (request == null) {
            workers--;
        } else {
            first = request.next();
            if (first == null) {
                last = null;
            }
            request.setNext(null);
        }
        return request;
    }

    /** A request has been done, and told of; to be called once for each. */
    public synchronized void finished() {
        unfinished--;
        lastFinished = System.nanoTime();
        notifyAll();
    }

    /** When the last request was finished, by System.nanoTime; 0 if some are not. */
    public synchronized long idleSince() {
        return unfinished > 0 ? 0 : lastFinished;
    }

    /** How many were submitted, and are not finished. */
    public int unfinished() {
        return unfinished;
    }

    /** Waits until fewer than so many are unfinished, or for a while. */
    public synchronized void awaitFewer(int count, long millis) throws InterruptedException {
        if (unfinished >= count) {
            wait(millis);
        }
    }

    /** Whether no thread of the node is at work here, nor on its way out. */
    public synchronized boolean isIdle() {
        return workers == 0;
    }

    /** Waits until no thread is at work here any more; false if time ran out. */
    public synchronized boolean awaitWorkers(long millis) throws InterruptedException {
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
