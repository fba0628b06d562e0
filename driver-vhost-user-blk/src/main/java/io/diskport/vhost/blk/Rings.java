package io.diskport.vhost.blk;

import io.diskport.natives.NativeDescriptor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The queues of one front-end with the memory that they lie in. Whatever changes it does so while
 * the workers are halted, and what takes memory away while nothing is under way. Of the thread of
 * messages.
 */
final class Rings {
    private static final long TICK_NANOS = 200_000;

    private final Session session;
    private final List<Queue> queues = new ArrayList<>();
    private GuestMemory memory = GuestMemory.NONE;

    /** Null if there is none. */
    private Inflight inflight;

    Rings(Session session, String threadPrefix) throws IOException {
        this.session = session;
        try {
            for (int i = 0; i < session.device.queues(); i++) {
                queues.add(new Queue(i, session, threadPrefix + "queue-" + i));
            }
        } catch (IOException e) {
            queues.forEach(Queue::close);
            throw e;
        }
    }

    Queue queue(long index) throws Misbehaviour {
        if (index < 0 || index >= queues.size()) {
            throw new Misbehaviour(
                    "queue %d of %d: the option num-queues says how many there are"
                            .formatted(index, queues.size()));
        }
        return queues.get((int) index);
    }

    int running() {
        return (int) queues.stream().filter(Queue::isRunning).count();
    }

    GuestMemory memory() {
        return memory;
    }

    void enableAll() {
        queues.forEach(queue -> queue.enable(true));
    }

    /** Ends the workers, all that can be ended; requests in the node go on. */
    void halt() throws Misbehaviour {
        Misbehaviour failure = null;
        for (Queue queue : queues) {
            try {
                queue.halt();
            } catch (Misbehaviour e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    void resume() throws Misbehaviour {
        for (Queue queue : queues) {
            queue.resume(memory, inflight);
        }
    }

    void resume(Queue queue) throws Misbehaviour {
        queue.resume(memory, inflight);
    }

    /** Waits until nothing of all queues is under way; false if the waiting was to end before. */
    boolean awaitIdle(BooleanSupplier enough) {
        for (Queue queue : queues) {
            if (!awaitIdle(queue, enough)) {
                return false;
            }
        }
        return true;
    }

    static boolean awaitIdle(Queue queue, BooleanSupplier enough) {
        long tick = TICK_NANOS / 4;
        while (!queue.isIdle()) {
            if (enough.getAsBoolean()) {
                return false;
            }
            LockSupport.parkNanos(tick);
            tick = Math.min(2 * tick, TimeUnit.MILLISECONDS.toNanos(2));
        }
        return true;
    }

    /** Puts another table in the place of all regions. Nothing is under way. */
    void replaceMemory(GuestMemory newMemory) {
        GuestMemory before = memory;
        memory = newMemory;
        before.close();
    }

    /** Maps one region more. */
    void addRegion(MemoryRegion.Place place, NativeDescriptor descriptor) throws Misbehaviour {
        memory = with(memory, place, descriptor);
    }

    /** A table with one region more, which owns the descriptor; it is closed if this fails. */
    GuestMemory with(GuestMemory table, MemoryRegion.Place place, NativeDescriptor descriptor)
            throws Misbehaviour {
        try {
            place.check();
            table.checkRoomFor(place);
            return table.with(MemoryRegion.map(place, descriptor, queues.size()));
        } catch (Misbehaviour e) {
            descriptor.close();
            throw e;
        }
    }

    /** Takes a region away. Nothing is under way. */
    void removeRegion(MemoryRegion.Place place) throws Misbehaviour {
        MemoryRegion region = memory.find(place);
        memory = memory.without(region);
        region.close();
    }

    /** Takes other inflight memory; the one before is not used any more. Nothing is under way. */
    void setInflight(Inflight newInflight) {
        queues.forEach(Queue::forgetInflight);
        if (inflight != null) {
            inflight.close();
        }
        inflight = newInflight;
    }

    void reset() {
        queues.forEach(Queue::reset);
    }

    void signalErrors() {
        queues.forEach(Queue::signalError);
    }

    /** Finds out who makes its calls block. */
    void checkCalls() throws Misbehaviour {
        for (Queue queue : queues) {
            queue.checkCall();
        }
    }

    /** Calls the guest of queues that run once, in case that a call was missed. */
    void callAnyway() {
        queues.stream().filter(Queue::isRunning).forEach(Queue::callAnyway);
    }

    /** Frees everything. Nothing is under way, and no worker runs. */
    void close() {
        queues.forEach(Queue::close);
        memory.close();
        if (inflight != null) {
            inflight.close();
        }
    }

    /**
     * Closes the descriptors as far as nobody uses them, and leaves the memory to requests that
     * hang.
     *
     * @param halted whether no worker runs; else the memory stays for good
     */
    void abandon(boolean halted) {
        queues.forEach(Queue::abandon);
        if (halted) {
            session.whenRequestsEnd(this::closeMemory);
        }
    }

    private synchronized void closeMemory() {
        if (queues.stream().allMatch(Queue::hasNothingUnderWay)) {
            memory.close();
            if (inflight != null) {
                inflight.close();
            }
        }
    }

    /** Everything in types of the JDK, and descriptors; nothing is this object's any more. */
    Map<String, Object> release() {
        Map<String, Object> saved = new HashMap<>();
        List<Object> regions = new ArrayList<>();
        for (MemoryRegion region : memory.regions()) {
            MemoryRegion.Place at = region.place;
            regions.add(
                    Map.of(
                            "place",
                            new long[] {at.guest(), at.size(), at.user(), at.offset()},
                            "file",
                            region.release()));
        }
        saved.put("regions", regions);
        if (inflight != null) {
            Inflight.Layout at = inflight.layout();
            saved.put(
                    "inflight",
                    Map.of(
                            "layout",
                            new long[] {at.size(), at.offset(), at.queues(), at.queueSize()},
                            "file",
                            inflight.release()));
        }
        List<Object> states = new ArrayList<>();
        for (Queue queue : queues) {
            states.add(queue.save().save());
            queue.close();
        }
        saved.put("queues", states);
        return saved;
    }

    void restore(Map<?, ?> saved) throws Misbehaviour {
        for (Object one : (List<?>) saved.get("regions")) {
            Map<?, ?> region = (Map<?, ?>) one;
            long[] at = (long[]) region.get("place");
            addRegion(
                    new MemoryRegion.Place(at[0], at[1], at[2], at[3]),
                    (NativeDescriptor) region.get("file"));
        }
        if (saved.get("inflight") instanceof Map<?, ?> tracking) {
            long[] at = (long[]) tracking.get("layout");
            inflight =
                    Inflight.map(
                            new Inflight.Layout(at[0], at[1], (int) at[2], (int) at[3]),
                            (NativeDescriptor) tracking.get("file"));
        }
        List<?> states = (List<?>) saved.get("queues");
        for (int i = 0; i < states.size() && i < queues.size(); i++) {
            queues.get(i).restore(QueueState.read((Map<?, ?>) states.get(i)));
        }
    }
}
