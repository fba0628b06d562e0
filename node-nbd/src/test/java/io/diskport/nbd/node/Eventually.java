package io.diskport.nbd.node;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Waits for conditions, with a deadline. */
final class Eventually {
    private static final long DEADLINE_SECONDS = 20;

    private Eventually() {}

    static void await(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                fail("not within " + DEADLINE_SECONDS + " s: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(2);
        }
    }
}
