package io.diskport.nbd.node;

import java.util.concurrent.atomic.AtomicReferenceArray;

/** The requests that one connection has to answer, by their cookies. */
final class InFlight {
    /** How many there can be at once, over all connections of a node; a power of two. */
    static final int SLOTS = 64;

    private final AtomicReferenceArray<Request> requests = new AtomicReferenceArray<>(SLOTS);

    void add(Request request) {
        requests.set(request.index(), request);
    }

    void remove(Request request) {
        requests.set(request.index(), null);
    }

    /** The request a reply is for, or null. */
    Request find(long cookie) {
        Request request = requests.get((int) cookie & SLOTS - 1);
        return request != null && request.cookie() == cookie ? request : null;
    }

    /** Gives a request back to its owner. */
    void answered(Request request) {
        remove(request);
        request.answered();
    }

    /** Wakes one request that waits for others to read its reply, so that it reads itself. */
    void wakeOne() {
        for (int i = 0; i < SLOTS; i++) {
            Request request = requests.get(i);
            if (request != null && request.isWaiting() && request.isPending()) {
                request.wake();
                return;
            }
        }
    }
}
