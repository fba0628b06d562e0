package io.diskport.vhost.blk;

import io.diskport.natives.Libc;
import io.diskport.natives.NativeMemory;
import io.diskport.support.Lane;
import java.lang.System.Logger.Level;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * The thread of a queue: takes requests from the avail ring, does those that need not wait, and
 * gives the rest to the node's threads. It runs while its queue does; the fields of the queue that
 * it uses are its own meanwhile.
 */
final class QueueWorker implements Runnable {
    /** Requests that are taken before the guest is told of those that are done. */
    private static final int BATCH = 32;

    /** Bytes that are moved before the guest is told, who may have more to do meanwhile. */
    private static final long BATCH_BYTES = 256 << 10;

    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    private static final int KICK = 0;
    private static final int WAKE = 1;

    /** How long a guest that does not kick may wait. */
    private static final int NO_KICK_MILLIS = 1;

    private final Queue queue;
    private final Session session;
    private final Ring ring;
    private final UsedRing used;
    private final InflightQueue inflight;
    private final Chain chain;
    private final RequestWork work;
    private final Lane<Request> lane;
    private final boolean eventIdx;
    private final int kick;
    private final Poll poll = new Poll(2);
    private final ByteBuffer count = NativeMemory.allocate(Long.BYTES, Long.BYTES);
    private final long countAddress = NativeMemory.address(count);
    private volatile boolean halted;

    /** Done, but not shown to others: their memory may prove not to be there. */
    private Request finished;

    private long finishedBytes;

    QueueWorker(Queue queue, Session session, Ring ring, Chain chain, RequestWork work) {
        this.queue = queue;
        this.session = session;
        this.ring = ring;
        this.used = queue.used;
        this.inflight = queue.inflight();
        this.chain = chain;
        this.work = work;
        this.lane = queue.lane;
        this.eventIdx = session.has(VirtioBlk.F_EVENT_IDX);
        this.kick = queue.kick();
        poll.set(KICK, kick, Poll.IN);
        poll.set(WAKE, queue.wake.fd(), Poll.IN);
    }

    /** Has it end soon. Any thread. */
    void halt() {
        halted = true;
        queue.wake.signal();
    }

    @Override
    public void run() {
        try {
            for (int head : queue.takeLeft()) {
                start(head);
            }
            giveBack();
            if (!eventIdx) {
                ring.wantKicks(false);
            }
            while (!halted) {
                if (!drain()) {
                    sleep();
                }
            }
        } catch (Misbehaviour e) {
            session.fail(e);
        } catch (InternalError e) {
            session.fail(Misbehaviour.memoryGone());
        } catch (RuntimeException | Error e) {
            session.log.log(Level.ERROR, "A queue has ended in an unexpected way", e);
            session.fail(new Misbehaviour("a queue has ended: " + e));
        } finally {
            settle();
        }
    }

    /** What was done when something went wrong goes back if it can, for it was done. */
    private void settle() {
        try {
            giveBack();
        } catch (InternalError e) {
            session.fail(Misbehaviour.memoryGone());
            for (Request request = finished; request != null; request = request.next) {
                used.abandon();
            }
        }
    }

    /** Takes what is there, to a limit; false if there was nothing. */
    private boolean drain() throws Misbehaviour {
        int available = ring.availIndex() - queue.lastAvail & 0xffff;
        if (available == 0) {
            return false;
        }
        // Those that came back make room, and no other: a ring holds no more than its size.
        if (available > ring.size || underWay() + available > ring.size) {
            throw new Misbehaviour(
                    "queue %d: %d requests available in a ring of %d"
                            .formatted(queue.index, available, ring.size));
        }
        int batch = Math.min(available, BATCH);
        for (int i = 0; i < batch; i++) {
            int head = ring.availHead(queue.lastAvail);
            queue.lastAvail = queue.lastAvail + 1 & 0xffff;
            if (head < ring.size) {
                inflight.taken(head);
            }
            start(head);
            if (finishedBytes >= BATCH_BYTES) {
                giveBack();
            }
        }
        giveBack();
        return true;
    }

    private long underWay() {
        return queue.taken - used.returned() - used.abandoned();
    }

    private void start(int head) throws Misbehaviour {
        Request request = queue.takeRequest();
        chain.read(head, request);
        queue.taken++;
        switch (work.begin(request, isAtLeisure())) {
            case DONE -> {
                request.next = finished;
                finished = request;
                finishedBytes += request.length;
            }
            case WAITS -> lane.submit(request);
            case BEGUN -> {}
        }
    }

    /** Whether there is nothing else to do, or enough for as many threads as can run. */
    private boolean isAtLeisure() {
        return lane.unfinished() >= PROCESSORS || ring.availIndex() == queue.lastAvail;
    }

    /** Gives the guest what is done, if its memory was there. */
    private void giveBack() {
        if (finished == null) {
            return;
        }
        for (Request request = finished; request != null; request = request.next) {
            request.putStatus();
        }
        queue.shared.check();
        Request request = finished;
        finished = null;
        finishedBytes = 0;
        addInOrder(request);
        used.publish();
    }

    private void addInOrder(Request last) {
        Request list = null;
        Request request = last;
        while (request != null) {
            Request before = request.next;
            request.next = list;
            list = request;
            request = before;
        }
        while (list != null) {
            Request after = list.next;
            used.add(list);
            list = after;
        }
    }

    private void sleep() {
        if (eventIdx) {
            ring.availEvent(queue.lastAvail);
        } else {
            ring.wantKicks(true);
        }
        // The wish has to be seen before we look for the last time.
        VarHandle.fullFence();
        if (ring.availIndex() == queue.lastAvail && !halted) {
            poll.await(kick < 0 ? NO_KICK_MILLIS : -1);
            if (poll.has(KICK)) {
                Libc.read(kick, countAddress, Long.BYTES);
            }
            if (poll.has(WAKE)) {
                queue.wake.clear();
            }
        }
        if (!eventIdx) {
            ring.wantKicks(false);
        }
    }
}
