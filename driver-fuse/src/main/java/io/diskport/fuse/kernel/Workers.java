package io.diskport.fuse.kernel;

import java.util.ArrayDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The threads that receive requests and serve them, each from its beginning to its end.
 *
 * <p>A number of them receive. One that begins something that may wait is no receiver until it is
 * done; when the last receiver goes that way, another thread takes its place, so that a slow
 * request holds up no other. Whether what may wait does wait is learnt from what came before: where
 * a write only copies to the page cache, more threads than processors would get in each other's
 * way. A {@link Supervisor} sees to it should the guess be wrong. A request takes no lock here.
 */
final class Workers {
    private static final int MOST = 64;
    private static final long LINGER_NANOS = 1_000_000_000L;
    private static final long REPLACE_NANOS = 500_000_000L;

    /** Makes the state of one thread. */
    interface Maker {
        Worker make(int index, MayWait mayWait);
    }

    private final String name;
    private final int wanted;
    private final Maker maker;
    private final Connection connection;
    private final Runnable atEnd;
    private final System.Logger log;
    private final Supervisor supervisor;
    private final Slowness slowness = new Slowness();
    private final AtomicInteger receivers = new AtomicInteger();
    private final AtomicInteger reading = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private final ArrayDeque<Spare> spares = new ArrayDeque<>();
    private int alive;
    private int numbers;
    private boolean kept;
    private boolean freed;
    private boolean freeing;
    private CountDownLatch allGone = new CountDownLatch(1);
    private volatile long lastExhausted;
    private volatile long lastReplacement = System.nanoTime() - REPLACE_NANOS;
    private volatile boolean starved;
    private volatile boolean stopping;
    private volatile boolean disconnected;

    /**
     * Workers that are not started yet.
     *
     * @param name for the names of the threads
     * @param wanted how many receive
     * @param atEnd called by the last worker that leaves, unless it left upon {@link #pause}
     */
    Workers(
            String name,
            int wanted,
            Maker maker,
            Connection connection,
            Runnable atEnd,
            System.Logger log) {
        this.name = name;
        this.wanted = wanted;
        this.maker = maker;
        this.connection = connection;
        this.atEnd = atEnd;
        this.log = log;
        this.supervisor = new Supervisor(name + "-supervisor", this::isInNeed, this::help);
    }

    /** Starts, or goes on after {@link #pause}. */
    synchronized void start() {
        if (freed) {
            return;
        }
        stopping = false;
        disconnected = false;
        kept = false;
        allGone = new CountDownLatch(1);
        supervisor.start();
        addReceivers();
    }

    private void addReceivers() {
        for (int i = receivers.get(); i < wanted; i++) {
            addReceiver();
        }
        supervisor.look();
    }

    /** Takes no more requests: those that are being served are finished. Does not wait. */
    void stop() {
        leaveAll(false);
    }

    /** The same, but it may be started again. */
    void pause() {
        leaveAll(true);
    }

    private void leaveAll(boolean keep) {
        boolean free;
        synchronized (this) {
            stopping = true;
            kept = keep;
            releaseSpares();
            free = isToBeFreed();
        }
        supervisor.stop();
        wakeReaders();
        free(free);
    }

    /** Under the lock: whether nobody is left to use what workers share; true once. */
    private boolean isToBeFreed() {
        if (alive > 0 || !stopping && !disconnected) {
            return false;
        }
        boolean free = !kept && !freed;
        freed |= free;
        freeing |= free;
        return free;
    }

    private void free(boolean free) {
        if (free) {
            supervisor.stop();
            try {
                atEnd.run();
            } catch (RuntimeException | Error e) {
                log.log(System.Logger.Level.ERROR, "A FUSE mount could not be freed", e);
            }
        }
        synchronized (this) {
            freeing &= !free;
            if (alive == 0 && !freeing && (stopping || disconnected)) {
                allGone.countDown();
            }
        }
    }

    /** Waits after {@link #stop} or {@link #pause}; false if there still are workers. */
    boolean awaitEnd(long millis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (!allGone.await(10, TimeUnit.MILLISECONDS)) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            // One may have begun to read after the last time.
            wakeReaders();
        }
        return true;
    }

    /** How many workers there are: after a stop, how many requests have not come back. */
    synchronized int alive() {
        return alive;
    }

    /** Whether the kernel has ended the connection. */
    boolean isDisconnected() {
        return disconnected;
    }

    private void wakeReaders() {
        for (int i = reading.get(); i > 0; i--) {
            connection.wakeReader();
        }
    }

    private synchronized void addReceiver() {
        if (stopping || disconnected) {
            return;
        }
        Spare spare = spares.poll();
        if (spare != null) {
            receivers.incrementAndGet();
            spare.end(true);
            return;
        }
        if (alive == MOST) {
            return;
        }
        int number = numbers++;
        Thread thread = new Thread(() -> work(number), name + "-" + number);
        thread.setDaemon(true);
        receivers.incrementAndGet();
        alive++;
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            alive--;
            receivers.decrementAndGet();
            starved = true;
            log.log(System.Logger.Level.WARNING, "No thread for a FUSE worker", e);
        }
    }

    private void work(int number) {
        Waiting waiting = new Waiting();
        boolean receives = true;
        try (Worker worker = maker.make(number, waiting)) {
            while (receives) {
                serve(worker);
                if (isRetired()) {
                    receives = false;
                    receives = becomeSpare();
                }
            }
        } catch (Throwable e) {
            log.log(System.Logger.Level.ERROR, "A FUSE worker died and is replaced", e);
        } finally {
            leave(receives);
        }
    }

    /** Serves until there is an end, or this worker is not needed. */
    private void serve(Worker worker) {
        while (!stopping && !disconnected && !isSurplus()) {
            reading.incrementAndGet();
            boolean received;
            try {
                received = !stopping && worker.receive();
            } finally {
                reading.decrementAndGet();
            }
            if (received) {
                worker.serve();
            } else if (worker.isDisconnected()) {
                disconnected = true;
            }
        }
    }

    private boolean isSurplus() {
        return receivers.get() > wanted
                && (System.nanoTime() - lastExhausted > LINGER_NANOS || !slowness.isAny());
    }

    /** Receives no more, unless others left in the meantime and it is needed. */
    private boolean isRetired() {
        if (receivers.getAndDecrement() > wanted || stopping || disconnected) {
            return true;
        }
        receivers.incrementAndGet();
        return false;
    }

    /** Waits until it is needed again; false if it leaves. */
    private boolean becomeSpare() {
        Spare spare = new Spare();
        synchronized (this) {
            if (stopping || disconnected || spares.size() >= wanted) {
                return false;
            }
            spares.add(spare);
        }
        return spare.await();
    }

    private synchronized void releaseSpares() {
        spares.forEach(spare -> spare.end(false));
        spares.clear();
    }

    private void leave(boolean died) {
        boolean free;
        synchronized (this) {
            if (died) {
                receivers.decrementAndGet();
                lost.incrementAndGet();
            }
            if (disconnected) {
                releaseSpares();
            }
            alive--;
            free = isToBeFreed();
        }
        supervisor.look();
        free(free);
    }

    private boolean isInNeed() {
        return receivers.get() == 0 || lost.get() > 0;
    }

    /** There is no receiver, and has not been for a while; or some have died. */
    private void help() {
        long now = System.nanoTime();
        if (lost.get() == 0) {
            lastExhausted = now;
            slowness.wasWrong();
        }
        // Those that replace others may die or fail to start, too.
        if (lost.get() == 0 && !starved || now - lastReplacement >= REPLACE_NANOS) {
            lost.set(0);
            starved = false;
            lastReplacement = now;
            addReceivers();
        }
    }

    /** What one thread says of its requests. */
    private final class Waiting implements MayWait {
        private Kind kind;
        private long begun;

        @Override
        public void begin(Kind newKind) {
            kind = newKind;
            begun = System.nanoTime();
            if (receivers.decrementAndGet() == 0) {
                lastExhausted = begun;
                if (slowness.expects(newKind)) {
                    addReceiver();
                }
                if (receivers.get() == 0) {
                    supervisor.look();
                }
            }
        }

        @Override
        public void end(long bytes) {
            receivers.incrementAndGet();
            slowness.note(kind, System.nanoTime() - begun, bytes);
        }
    }

    /** A thread that waits to be needed. */
    private static final class Spare {
        private final Thread thread = Thread.currentThread();
        private volatile boolean ended;
        private volatile boolean needed;

        void end(boolean isNeeded) {
            needed = isNeeded;
            ended = true;
            LockSupport.unpark(thread);
        }

        /** Whether it is needed, as soon as that is known. */
        boolean await() {
            while (!ended) {
                LockSupport.park(this);
            }
            return needed;
        }
    }
}
