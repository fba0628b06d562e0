package io.diskport.vhost.blk;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Gives requests that are done back to the guest. Any thread: whoever is done puts its request on a
 * stack, and one of them tells the guest of all that are there, with one call. Nobody waits for
 * another.
 */
final class UsedRing {
    private final AtomicReference<Request> done = new AtomicReference<>();
    private final AtomicReference<Request> recycled = new AtomicReference<>();
    private final AtomicBoolean busy = new AtomicBoolean();
    private final AtomicLong abandoned = new AtomicLong();

    // of whoever is busy, or of the thread of messages while nothing is under way
    private Ring ring;
    private InflightQueue inflight = InflightQueue.NONE;
    private boolean eventIdx;
    private int index;
    private int call = Poll.NONE;
    private boolean callsOnce;
    private boolean closed;

    /** Since when somebody is in a call, by System.nanoTime; 0 if nobody is. */
    private volatile long callingSince;

    private final Poll room = new Poll(1);

    private volatile long returned;
    private volatile long published;

    /** Takes up a ring, with nothing under way. */
    void use(Ring newRing, InflightQueue tracking, boolean hasEventIdx) {
        ring = newRing;
        inflight = tracking;
        eventIdx = hasEventIdx;
    }

    void setIndex(int newIndex) {
        index = newIndex;
    }

    int index() {
        return index;
    }

    /** Puts a request on the stack, not to be touched any more. */
    void add(Request request) {
        Request top;
        do {
            top = done.get();
            request.next = top;
        } while (!done.compareAndSet(top, request));
    }

    /** Tells the guest of what is on the stack, unless somebody is about to. */
    void publish() {
        publish(true);
    }

    /** The same in a thread that others need as well. */
    void publishFromNode() {
        publish(false);
    }

    private void publish(boolean mayHang) {
        while (done.get() != null && busy.compareAndSet(false, true)) {
            try {
                publishAll(mayHang);
            } finally {
                busy.set(false);
            }
        }
    }

    private void publishAll(boolean mayHang) {
        Request batch = inOrder(done.getAndSet(null));
        if (batch == null) {
            return;
        }
        Request last = batch;
        int count = 1;
        while (last.next != null) {
            last = last.next;
            count++;
        }
        try {
            if (!closed) {
                tell(batch, count, mayHang);
            }
        } finally {
            recycle(batch, last);
            published += count;
        }
    }

    private void tell(Request batch, int count, boolean mayHang) {
        int before = index;
        for (Request request = batch; request != null; request = request.next) {
            ring.putUsed(index, request.head, request.written + 1);
            inflight.used(request.head);
            index = index + 1 & 0xffff;
        }
        // Before the guest can see it, who may send as many again at once.
        returned += count;
        ring.publishUsed(index);
        inflight.published(batch, index);
        // The index has to be seen before we look whether somebody wants to hear of it.
        VarHandle.fullFence();
        if (call >= 0 && (isCallWanted(before) || callsOnce)) {
            callsOnce = false;
            if (mayHang || hasRoom()) {
                callingSince = System.nanoTime() | 1;
                Event.signal(call);
                callingSince = 0;
            }
        }
    }

    /** Whether a call returns at once, as far as can be known. A full one is about to be seen. */
    private boolean hasRoom() {
        room.set(0, call, Poll.OUT);
        room.await(0);
        return room.has(0);
    }

    /** Whether somebody hangs in a call, which the front-end has made to block. Any thread. */
    boolean isCallHanging(long nanos) {
        long since = callingSince;
        return since != 0 && System.nanoTime() - since > nanos;
    }

    /** Section 2.7.7.2: whether the event is among the entries since before. */
    private boolean isCallWanted(int before) {
        return eventIdx
                ? (index - ring.usedEvent() - 1 & 0xffff) < (index - before & 0xffff)
                : !ring.wantsNoCalls();
    }

    /** Who came first goes first. */
    private static Request inOrder(Request stack) {
        Request list = null;
        Request request = stack;
        while (request != null) {
            Request below = request.next;
            request.next = list;
            list = request;
            request = below;
        }
        return list;
    }

    private void recycle(Request batch, Request last) {
        Request top;
        do {
            top = recycled.get();
            last.next = top;
        } while (!recycled.compareAndSet(top, batch));
    }

    /** A request does not go back to the guest: it stays noted as under way. Any thread. */
    void abandon() {
        abandoned.incrementAndGet();
    }

    /** The requests that may be used again, linked. Of the queue's thread. */
    Request takeRecycled() {
        return recycled.get() == null ? null : recycled.getAndSet(null);
    }

    /** How many the guest may have seen come back. */
    long returned() {
        return returned;
    }

    /** How many never will, see {@link #abandon}. */
    long abandoned() {
        return abandoned.get();
    }

    /** How many have come back, with nothing of them left in hand. */
    long published() {
        return published;
    }

    /**
     * Calls by another descriptor from now on. Of the thread of messages.
     *
     * @param runs whether the guest may have waited for a call by the one before: then the next
     *     request calls in any case
     * @return false if somebody hangs in a call: nothing has changed then
     */
    boolean setCall(int descriptor, boolean runs, long nanos) {
        if (!lock(nanos)) {
            return false;
        }
        call = descriptor;
        callsOnce = runs;
        unlock();
        return true;
    }

    /** Calls although nothing came back. Of the thread of messages, with nothing under way. */
    void callAnyway() {
        if (call >= 0) {
            Event.signal(call);
        }
    }

    /**
     * Tells the guest of nothing any more: what still comes back is for nobody, and another
     * back-end may write into the ring. Of the thread of messages.
     *
     * @return false if somebody hangs in a call
     */
    boolean close(long nanos) {
        if (!lock(nanos)) {
            return false;
        }
        closed = true;
        unlock();
        return true;
    }

    private boolean lock(long nanos) {
        long begun = System.nanoTime();
        while (!busy.compareAndSet(false, true)) {
            if (System.nanoTime() - begun > nanos) {
                return false;
            }
            Thread.yield();
        }
        return true;
    }

    private void unlock() {
        busy.set(false);
        publish();
    }
}
