package io.diskport.it;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for conditions, with a deadline. */
final class Await {
    private static final Duration STEP = Duration.ofMillis(20);

    private Await() {}

    /**
     * Waits until a condition holds.
     *
     * @param what named in the failure
     * @return how long it took
     */
    static Duration until(String what, Duration deadline, Callable<Boolean> condition) {
        return until(() -> what, deadline, condition);
    }

    static Duration until(Supplier<String> what, Duration deadline, Callable<Boolean> condition) {
        long begin = System.nanoTime();
        while (!holds(condition)) {
            if (System.nanoTime() - begin > deadline.toNanos()) {
                throw new AssertionError(
                        "not within " + deadline.toMillis() + " ms: " + what.get());
            }
            LockSupport.parkNanos(STEP.toNanos());
        }
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private static boolean holds(Callable<Boolean> condition) {
        try {
            return condition.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e.toString(), e);
        }
    }
}
