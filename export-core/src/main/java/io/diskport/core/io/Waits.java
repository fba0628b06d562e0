package io.diskport.core.io;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Where requests of one backend wait inside core (a drain, a range, a throttle), so that they can
 * all be told to fail when the backend ends. A request that never waits costs two thread-local
 * accesses.
 */
public final class Waits {
    private static final ThreadLocal<Waits> CURRENT = new ThreadLocal<>();

    private final Set<Thread> waiting = ConcurrentHashMap.newKeySet();
    private volatile String ended;

    /** Makes these the waits of the calling thread's request; returns what was before. */
    Waits enter() {
        Waits before = CURRENT.get();
        CURRENT.set(this);
        return before;
    }

    /** Ends what {@link #enter} began. */
    static void leave(Waits before) {
        CURRENT.set(before);
    }

    /** From now on every wait of this backend fails with ESHUTDOWN and the message. */
    void end(String message) {
        ended = message;
        wake();
    }

    /** Lets those who wait look at their condition again. */
    void wake() {
        waiting.forEach(LockSupport::unpark);
    }

    /** Fails if the backend of the calling thread's request has ended. */
    static void check() throws BlockIOException {
        Waits waits = CURRENT.get();
        if (waits != null && waits.ended != null) {
            throw new BlockIOException(Errno.ESHUTDOWN, waits.ended);
        }
    }

    /**
     * Waits on behalf of the calling thread's request for a time.
     *
     * @throws BlockIOException ESHUTDOWN as soon as the request's backend ends
     */
    public static void sleep(long nanos) throws BlockIOException {
        long deadline = System.nanoTime() + nanos;
        until(() -> System.nanoTime() - deadline >= 0, nanos);
    }

    /**
     * Waits until the condition holds; whoever makes it true unparks the thread, or wakes all.
     *
     * @param atMost how long to go without looking, in nanoseconds
     */
    static void until(BooleanSupplier condition, long atMost) throws BlockIOException {
        if (condition.getAsBoolean()) {
            return;
        }
        Waits waits = CURRENT.get();
        boolean interrupted = false;
        long deadline = System.nanoTime() + atMost;
        if (waits != null) {
            waits.waiting.add(Thread.currentThread());
        }
        try {
            while (!condition.getAsBoolean()) {
                check();
                long left = deadline - System.nanoTime();
                LockSupport.parkNanos(waits, left > 0 ? left : TimeUnit.MILLISECONDS.toNanos(50));
                interrupted |= Thread.interrupted();
            }
        } finally {
            if (waits != null) {
                waits.waiting.remove(Thread.currentThread());
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
