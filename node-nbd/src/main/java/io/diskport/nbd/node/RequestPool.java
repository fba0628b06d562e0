package io.diskport.nbd.node;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/** The requests of one node: who wants one more than there are waits for another to end. */
final class RequestPool {
    private final Request[] requests = new Request[InFlight.SLOTS];
    private final Semaphore permits = new Semaphore(InFlight.SLOTS);
    private final AtomicLong free = new AtomicLong(-1L);

    RequestPool() {
        for (int i = 0; i < requests.length; i++) {
            requests[i] = new Request(i);
        }
    }

    Request acquire() {
        permits.acquireUninterruptibly();
        while (true) {
            long now = free.get();
            long bit = Long.lowestOneBit(now);
            if (bit != 0 && free.compareAndSet(now, now & ~bit)) {
                return requests[Long.numberOfTrailingZeros(bit)];
            }
        }
    }

    void release(Request request) {
        request.release();
        long bit = 1L << request.index();
        long now;
        do {
            now = free.get();
        } while (!free.compareAndSet(now, now | bit));
        permits.release();
    }
}
