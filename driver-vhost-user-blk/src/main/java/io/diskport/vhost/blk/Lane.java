package io.diskport.vhost.blk;

import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * The requests of one queue that may have to wait, done by threads of the node. Each thread takes
 * one after the other while there are any, so that a busy queue wakes few of them.
 */
final class Lane {
    private final Executor executor;
    private final int parallelism;
    private final Consumer<Request> work;
    private final Runnable worker = this::work;
    private Request first;
    private Request last;
    private int workers;
    private volatile int unfinished;

    /**
     * No request yet.
     *
     * @param parallelism how many requests at once still help
     * @param work does a request; it throws nothing
     */
    Lane(Executor executor, int parallelism, Consumer<Request> work) {
        this.executor = executor;
        this.parallelism = parallelism;
        this.work = work;
    }

    void submit(Request request) {
        synchronized (this) {
            request.next = null;
            unfinished++;
            if (last == null) {
                first = request;
            } else {
                last.next = request;
            }
            last = request;
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
        Request request = next();
        while (request != null) {
            work.accept(request);
            request = nextAfterOne();
        }
    }

    private synchronized Request nextAfterOne() {
        unfinished--;
        return next();
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
            request.next = null;
        }
        return request;
    }

    /** How many were submitted and have not ended. Any thread. */
    int unfinished() {
        return unfinished;
    }

    /** Whether no thread of the node is at work here, nor on its way out. */
    synchronized boolean isIdle() {
        return workers == 0;
    }
}
