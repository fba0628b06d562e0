package io.diskport.core.life;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Calls of drivers that may take too long: each gets a thread of its own and a bound. */
final class Bounded {
    private Bounded() {}

    /** What a bounded call does. */
    interface Action {
        void run() throws Exception;
    }

    /**
     * Runs the action and waits for it.
     *
     * @throws TimeoutException if it takes longer; it goes on by itself
     * @throws Exception what the action threw
     */
    static void run(String name, long millis, Action action) throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        start(
                name,
                () -> {
                    try {
                        action.run();
                        done.complete(null);
                    } catch (Throwable e) {
                        done.completeExceptionally(e);
                    }
                });
        try {
            await(done, millis);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Calls an item's driver; what it throws, or that it takes too long, is logged and left. */
    static void logged(Logger log, Item item, String what, long millis, Action action) {
        try {
            run(what + "-" + item.id(), millis, action);
        } catch (Exception e) {
            String trouble =
                    e instanceof TimeoutException
                            ? " takes longer than " + millis + " ms; left behind"
                            : " failed: " + e.getMessage();
            log.log(Level.WARNING, item.nameAtStart() + ": " + what + trouble);
        }
    }

    /** Waits for a future; an interrupt does not end the wait, but stays noted. */
    static void await(CompletableFuture<?> future, long millis)
            throws ExecutionException, TimeoutException {
        boolean interrupted = false;
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        try {
            while (true) {
                try {
                    future.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waits for all futures; false if time ran out. */
    static boolean awaitAll(List<CompletableFuture<Void>> futures, long millis) {
        try {
            await(CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new)), millis);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }

    /** Starts a daemon thread. */
    static Thread start(String name, Runnable task) {
        Thread thread = new Thread(task, "diskport-" + name);
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
        thread.start();
        return thread;
    }
}
