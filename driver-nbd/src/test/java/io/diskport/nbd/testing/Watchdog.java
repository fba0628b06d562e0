package io.diskport.nbd.testing;

import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Interrupts a test whose step takes too long, and tells what the server did at that time. */
public final class Watchdog implements AutoCloseable {
    private static final long SECONDS = 60;

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final Thread test = Thread.currentThread();
    private volatile String bite = "";

    /** A part of a test that may hang. */
    public interface Step {
        void run() throws Exception;
    }

    /** Does a step, and fails if it takes too long. */
    public void watch(String threads, Step step) throws Exception {
        Future<?> alarm = clock.schedule(() -> bite(threads), SECONDS, TimeUnit.SECONDS);
        try {
            step.run();
        } catch (Exception | AssertionError e) {
            if (bite.isEmpty()) {
                throw e;
            }
        } finally {
            alarm.cancel(false);
        }
        if (!bite.isEmpty()) {
            throw new AssertionError(bite);
        }
    }

    private void bite(String threads) {
        StringBuilder stacks = new StringBuilder("no end in " + SECONDS + " s:\n");
        for (Map.Entry<Thread, StackTraceElement[]> one : Thread.getAllStackTraces().entrySet()) {
            if (one.getKey() == test || one.getKey().getName().startsWith(threads)) {
                stacks.append(one.getKey()).append('\n');
                for (StackTraceElement element : one.getValue()) {
                    stacks.append("    ").append(element).append('\n');
                }
            }
        }
        bite = stacks.toString();
        test.interrupt();
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
