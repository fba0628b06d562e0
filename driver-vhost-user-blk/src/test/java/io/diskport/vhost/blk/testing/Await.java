package io.diskport.vhost.blk.testing;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for what happens on another thread. */
public final class Await {
    private static final long SECONDS = 10;

    private Await() {}

    /** Something that is so, or is not. */
    public interface Condition {
        boolean holds() throws Exception;
    }

    public static void until(String what, Condition condition) {
        within(SECONDS, () -> what, condition);
    }

    /** What is wrong is told as it is at the end. */
    public static void until(Supplier<String> what, Condition condition) {
        within(SECONDS, what, condition);
    }

    public static void within(long seconds, Supplier<String> what, Condition condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!holds(condition)) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not in " + seconds + " s: " + what.get());
            }
            LockSupport.parkNanos(1_000_000);
            if (Thread.interrupted()) {
                throw new AssertionError("interrupted while waiting: " + what.get());
            }
        }
    }

    private static boolean holds(Condition condition) {
        try {
            return condition.holds();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
