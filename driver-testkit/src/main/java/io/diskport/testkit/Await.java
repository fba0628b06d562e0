package io.diskport.testkit;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waiting for a condition instead of for a time. */
public final class Await {
    private static final int SECONDS = 30;
    private static final long PAUSE_NANOS = 1_000_000;

    private Await() {}

    /**
     * How long things may take on a busy machine; the system property diskport.testkit.patience
     * sets it, in seconds.
     */
    public static Duration patience() {
        return Duration.ofSeconds(Integer.getInteger("diskport.testkit.patience", SECONDS));
    }

    /**
     * Waits until a condition holds, at most {@link #patience}.
     *
     * @param what is waited for, for the failure's message
     */
    public static void until(String what, Callable<Boolean> condition) {
        until(() -> what, condition);
    }

    /** The same, with a message that is made when it fails. */
    public static void until(Supplier<String> what, Callable<Boolean> condition) {
        within(patience(), what, condition);
    }

    /** Waits until a condition holds, for so long at the most. */
    public static void within(
            Duration longest, Supplier<String> what, Callable<Boolean> condition) {
        long deadline = System.nanoTime() + longest.toNanos();
        while (!holds(condition)) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("did not come within " + longest + ": " + what.get());
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            if (Thread.interrupted()) {
                throw new AssertionError("interrupted while waiting: " + what.get());
            }
        }
    }

    private static boolean holds(Callable<Boolean> condition) {
        try {
            return condition.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError("the condition failed: " + e.getMessage(), e);
        }
    }
}
