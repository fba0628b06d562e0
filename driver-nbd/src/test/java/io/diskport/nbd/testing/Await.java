package io.diskport.nbd.testing;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** Waits for what happens on another thread, 10 s at the most. */
public final class Await {
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private Await() {}

    public static void until(String what, Callable<Boolean> condition) {
        until(() -> what, condition);
    }

    /** What is wrong is told as it is at the end. */
    public static void until(Supplier<String> what, Callable<Boolean> condition) {
        io.diskport.testkit.Await.within(LONGEST, what, condition);
    }

    public static void within(long seconds, Supplier<String> what, Callable<Boolean> condition) {
        io.diskport.testkit.Await.within(Duration.ofSeconds(seconds), what, condition);
    }
}
