package io.diskport.qmp;

import io.diskport.api.BlockException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Something that a command begins and does not wait for. */
final class Background {
    private static final long LOOK_MILLIS = 5;
    private static final long LONGEST_MILLIS = 1000;

    /** What is done. */
    interface Work {
        void run() throws BlockException;
    }

    private final CountDownLatch done = new CountDownLatch(1);
    private volatile Optional<BlockException> refusal = Optional.empty();

    Background(String name, Work work) {
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                work.run();
                            } catch (BlockException e) {
                                refusal = Optional.of(e);
                            } finally {
                                done.countDown();
                            }
                        },
                        name);
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
        thread.start();
    }

    /**
     * Waits until it is done or has begun well, for a second at the most.
     *
     * @throws BlockException if it has been refused by then
     */
    void awaitOr(BooleanSupplier begun) throws BlockException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LONGEST_MILLIS);
        try {
            while (!done.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)
                    && !begun.getAsBoolean()
                    && System.nanoTime() < deadline) {
                continue;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (refusal.isPresent()) {
            throw refusal.get();
        }
    }

    /** Waits until it is done, for so long. */
    void await(long millis) throws InterruptedException {
        done.await(millis, TimeUnit.MILLISECONDS);
    }
}
