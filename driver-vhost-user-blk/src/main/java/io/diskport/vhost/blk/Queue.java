package io.diskport.vhost.blk;

import io.diskport.natives.NativeDescriptor;
import io.diskport.support.Lane;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * One queue: what the front-end said of it, and how far it has come. Of the thread of messages; the
 * worker's while it runs.
 */
final class Queue implements AutoCloseable {
    private static final long HALT_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long NUDGE_MILLIS = 50;
    private static final int NO_FLAG = -1;

    final int index;
    final UsedRing used = new UsedRing();
    final Event wake = new Event();
    final SharedMemory shared = new SharedMemory();
    final Lane<Request> lane;

    /** The avail index up to which requests were taken. */
    int lastAvail;

    /** How many requests were taken. */
    long taken;

    private final Session session;
    private final String threadName;
    private final RequestWork work;
    private final NodeWork node;
    private final QueueDescriptors descriptors = new QueueDescriptors();

    private int size;
    private Ring.Addresses addresses;
    private boolean enabled;
    private boolean started;

    /** Where to begin; -1 once it has begun there. */
    private int base;

    private InflightQueue inflight;
    private int[] left = {};
    private Request free;
    private QueueWorker worker;
    private Thread thread;

    Queue(int index, Session session, String threadName) throws IOException {
        this.index = index;
        this.session = session;
        this.threadName = threadName;
        this.work = new RequestWork(session);
        this.node = new NodeWork(session, work, used, shared);
        this.lane = node.lane();
    }

    // What the front-end says; while the worker is halted

    void setSize(int newSize) {
        size = newSize;
    }

    /** Where its ring is; checked at once, for the front-end to know. */
    void setAddresses(GuestMemory memory, Ring.Addresses newAddresses) throws Misbehaviour {
        if (size == 0) {
            throw new Misbehaviour("queue %d has addresses and no size".formatted(index));
        }
        Ring.of(memory, size, newAddresses);
        addresses = newAddresses;
    }

    void setBase(int newBase) {
        base = newBase;
        lastAvail = newBase;
    }

    void enable(boolean on) {
        enabled = on;
    }

    boolean isEnabled() {
        return enabled;
    }

    /** Takes its kick; without one the ring is looked at every millisecond. */
    void setKick(NativeDescriptor kick) {
        descriptors.set(QueueDescriptors.KICK, kick);
        started = true;
    }

    void setError(NativeDescriptor error) {
        descriptors.set(QueueDescriptors.ERROR, error);
    }

    /** Takes another call, at any time. */
    void setCall(NativeDescriptor call) throws Misbehaviour {
        int number = call == null ? Poll.NONE : call.fd();
        if (!used.setCall(number, isRunning(), HALT_NANOS)) {
            if (call != null) {
                call.close();
            }
            throw new Misbehaviour("queue %d: its call does not return".formatted(index));
        }
        descriptors.set(QueueDescriptors.CALL, call);
    }

    /** The inflight memory is another; its part is taken up at the next start. */
    void forgetInflight() {
        inflight = null;
    }

    /** Ends the ring, which is idle. @return where it is to go on (GET_VRING_BASE) */
    int stop() {
        started = false;
        descriptors.set(QueueDescriptors.KICK, null);
        base = lastAvail;
        return lastAvail;
    }

    /** As if nothing had been said of it, but who is called. */
    void reset() {
        stop();
        size = 0;
        addresses = null;
        enabled = false;
        setBase(0);
    }

    // Running

    int kick() {
        return descriptors.number(QueueDescriptors.KICK);
    }

    InflightQueue inflight() {
        return inflight;
    }

    /** Whether it is, or would be if it was not halted. */
    boolean isReady() {
        return enabled && started && addresses != null;
    }

    /** Starts the worker if everything is there. Not a second time. */
    void resume(GuestMemory memory, Inflight tracking) throws Misbehaviour {
        if (worker != null || !isReady() || !memory.holds(addresses, size)) {
            return;
        }
        Ring ring = Ring.of(memory, size, addresses);
        shared.use(memory, tracking);
        boolean begins = base != NO_FLAG;
        if (begins) {
            used.setIndex(ring.usedIndex());
        }
        if (inflight == null || begins) {
            takeUp(tracking, begins);
        }
        base = NO_FLAG;
        used.use(ring, inflight, session.has(VirtioBlk.F_EVENT_IDX));
        boolean indirect = session.has(VirtioBlk.F_INDIRECT_DESC);
        worker =
                new QueueWorker(
                        this, session, ring, new Chain(index, ring, memory, indirect), work);
        thread = new Thread(worker, threadName);
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
        thread.start();
    }

    private void takeUp(Inflight tracking, boolean begins) throws Misbehaviour {
        inflight = tracking == null ? InflightQueue.NONE : tracking.queue(index, size);
        int[] marked = inflight.recover(used.index());
        shared.check();
        if (begins && inflight.isTracking()) {
            // All that was taken either came back or is noted, in whatever order it did.
            left = marked;
            lastAvail = used.index() + marked.length & 0xffff;
            if (inflight.hadPredecessor()) {
                used.callAnyway();
            }
        }
    }

    boolean isRunning() {
        return worker != null;
    }

    /** Ends the worker, and waits for that. Requests in the node go on. */
    void halt() throws Misbehaviour {
        if (worker == null) {
            return;
        }
        worker.halt();
        long begun = System.nanoTime();
        while (!join(NUDGE_MILLIS)) {
            if (System.nanoTime() - begun > HALT_NANOS) {
                throw new Misbehaviour("queue %d: its eventfds do not return".formatted(index));
            }
            descriptors.nudge();
        }
        worker = null;
        thread = null;
    }

    private boolean join(long millis) {
        boolean interrupted = false;
        try {
            thread.join(millis);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    /** Whether all that was taken has come back. */
    boolean isIdle() {
        return hasNothingUnderWay() && lane.isIdle();
    }

    /** Whether nobody touches guest memory for it any more; of any thread once it is halted. */
    boolean hasNothingUnderWay() {
        return taken == used.published() + used.abandoned();
    }

    /** Calls the guest, in case that a call was missed. */
    void callAnyway() {
        used.callAnyway();
    }

    /** Tells the front-end that its ring is wrong. */
    void signalError() {
        int error = descriptors.number(QueueDescriptors.ERROR);
        if (error >= 0) {
            Event.signal(error);
        }
    }

    /** Frees who hangs in a call, and sees to it that the front-end is dropped for that. */
    void checkCall() throws Misbehaviour {
        if (used.isCallHanging(HALT_NANOS)) {
            descriptors.nudge();
            throw new Misbehaviour("queue %d: its call does not return".formatted(index));
        }
    }

    // For the worker

    int[] takeLeft() {
        int[] heads = left;
        left = new int[0];
        return heads;
    }

    Request takeRequest() {
        if (free == null) {
            free = used.takeRecycled();
            if (free == null) {
                return new Request(node);
            }
        }
        Request request = free;
        free = request.next;
        request.next = null;
        request.clear(index);
        return request;
    }

    // Handing over

    /** All that was said of it, and how far it has come; its descriptors belong to that then. */
    QueueState save() {
        return new QueueState(
                size,
                addresses,
                enabled,
                started,
                base,
                lastAvail,
                used.index(),
                descriptors.release());
    }

    void restore(QueueState state) throws Misbehaviour {
        size = state.size();
        addresses = state.addresses();
        enabled = state.enabled();
        started = state.started();
        base = state.base();
        lastAvail = state.lastAvail();
        used.setIndex(state.usedIndex());
        descriptors.take(state.descriptors());
        used.setCall(descriptors.number(QueueDescriptors.CALL), false, HALT_NANOS);
    }

    /** Frees what can be freed while requests hang in the node. */
    void abandon() {
        if (used.close(HALT_NANOS)) {
            descriptors.close();
        }
        if (!isRunning()) {
            wake.close();
        }
    }

    @Override
    public void close() {
        descriptors.close();
        wake.close();
    }
}
