package io.diskport.fuse.kernel;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A thread that looks after a state that shall not last: while it does, help is called every two
 * milliseconds. It sleeps while there is nothing to look after.
 */
final class Supervisor {
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final String name;
    private final BooleanSupplier trouble;
    private final Runnable help;
    private volatile Thread thread;
    private volatile boolean looking;

    /**
     * It does not look yet.
     *
     * @param trouble whether the state is there
     * @param help called if it was there for two milliseconds
     */
    Supervisor(String name, BooleanSupplier trouble, Runnable help) {
        this.name = name;
        this.trouble = trouble;
        this.help = help;
    }

    synchronized void start() {
        if (thread == null) {
            Thread started = new Thread(this::run, name);
            started.setDaemon(true);
            thread = started;
            started.start();
        }
    }

    /** Ends the thread, and does not wait for that. */
    synchronized void stop() {
        Thread stopped = thread;
        thread = null;
        LockSupport.unpark(stopped);
    }

    /** Says that the state may have begun. Costs nothing while it is looked after. */
    void look() {
        if (!looking) {
            looking = true;
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        boolean before = false;
        while (thread == Thread.currentThread()) {
            if (!looking) {
                LockSupport.park(this);
                continue;
            }
            LockSupport.parkNanos(this, TICK_NANOS);
            boolean now = trouble.getAsBoolean();
            if (now && before) {
                help.run();
            } else if (!now && !before) {
                looking = false;
                // It may have begun between the question and the sleep.
                if (trouble.getAsBoolean()) {
                    looking = true;
                }
            }
            before = now;
        }
    }
}
