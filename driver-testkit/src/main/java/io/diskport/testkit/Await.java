package io.diskport.testkit;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waiting for a condition instead of for a time. */
public final class Await {
    /** How long things may take on a busy machine. */
    public static final Duration SOON =
            Duration.ofSeconds(Integer.getInteger("diskport.testkit.patience", 30));

    private static final long PAUSE_NANOS = 5_000_000;

    private Await() {}

    /**
     * Waits until a condition holds, at most {@link #SOON}.
     *
     * @param what is waited for, for the failure's message
     */
    public static void until(String what, Callable<Boolean> condition) {
        until(() -> what, condition);
    }

    /** The same, with a message that is made when it fails. */
    public static void until(Supplier<String> what, Callable<Boolean> condition) {
        long deadline = System.nanoTime() + SOON.toNanos();
        while (!holds(condition)) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("did not come within " + SOON + ": " + what.get());
            }
            LockSupport.parkNanos(PAUSE_NANOS);
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
