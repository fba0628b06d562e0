package io.diskport.core.io;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import java.lang.invoke.VarHandle;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Counts the requests in flight without a shared lock, and can stop new ones: a drain that will
 * resume parks them, an end fails them.
 */
final class Gate {
    private final LongAdder begun = new LongAdder();
    private final LongAdder ended = new LongAdder();
    private volatile boolean closed;
    private volatile String shutMessage;
    private volatile Thread awaiting;
    private final Set<Thread> parked = ConcurrentHashMap.newKeySet();
    private int drains;

    /** Begins a request if nothing stands against it; otherwise nothing has been done. */
    boolean tryEnter() {
        begun.increment();
        VarHandle.fullFence();
        if (!closed) {
            return true;
        }
        leave();
        return false;
    }

    /** Begins a request, after waiting for a drain to end. */
    void enter() throws BlockIOException {
        while (!tryEnter()) {
            String message = shutMessage;
            if (message != null) {
                throw new BlockIOException(Errno.ESHUTDOWN, message);
            }
            parked.add(Thread.currentThread());
            try {
                Waits.until(() -> !closed || shutMessage != null, 50_000_000L);
            } finally {
                parked.remove(Thread.currentThread());
            }
        }
    }

    /** Whether the end has come. */
    boolean isShut() {
        return shutMessage != null;
    }

    /** Ends what {@link #enter} or {@link #tryEnter} began. */
    void leave() {
        ended.increment();
        VarHandle.fullFence();
        if (closed) {
            LockSupport.unpark(awaiting);
        }
    }

    /** How many requests have begun and not ended; exact only while none begins. */
    long inFlight() {
        long before = ended.sum();
        return Math.max(0, begun.sum() - before);
    }

    /** Parks new requests until as many {@link #resume} have been called. */
    synchronized void drain() {
        drains++;
        closed = true;
    }

    /** Ends a drain. */
    synchronized void resume() {
        drains--;
        closed = drains > 0 || shutMessage != null;
        parked.forEach(LockSupport::unpark);
    }

    /** From now on every request fails with ESHUTDOWN and the message. */
    synchronized void shut(String message) {
        if (shutMessage == null) {
            shutMessage = message;
        }
        closed = true;
        parked.forEach(LockSupport::unpark);
    }

    /**
     * Waits for the requests in flight, after {@link #drain} or {@link #shut}; one thread at a
     * time.
     *
     * @return whether there is none any more
     */
    boolean awaitEmpty(long nanos) {
        long deadline = System.nanoTime() + nanos;
        awaiting = Thread.currentThread();
        try {
            // Whoever begins after the gate was closed takes itself back, so the counts meet.
            while (inFlight() > 0) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                LockSupport.parkNanos(this, Math.min(left, 20_000_000L));
            }
            return true;
        } finally {
            awaiting = null;
        }
    }
}
