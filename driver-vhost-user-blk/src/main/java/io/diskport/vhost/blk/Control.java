package io.diskport.vhost.blk;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;

/** What the thread of messages is to do, as core's threads say. Any thread. */
final class Control implements AutoCloseable {
    /** How it goes on. */
    enum Mode {
        /** Front-ends come and go. */
        SERVE,
        /** Whoever is there may stay; nobody else comes. */
        HIDE,
        /** All is to be left to the driver's next version. */
        SUSPEND,
        /** Whoever is there loses the connection, and then it ends. */
        DROP
    }

    private final AtomicReference<Mode> mode = new AtomicReference<>(Mode.SERVE);
    private final Event wake = new Event();
    private volatile long overAt;

    Control() throws IOException {}

    Event wake() {
        return wake;
    }

    Mode mode() {
        return mode.get();
    }

    boolean isDropping() {
        return mode.get() == Mode.DROP;
    }

    /** Whether what is under way is not to be waited for any longer. */
    boolean isOver() {
        return isDropping() && System.nanoTime() - overAt > 0;
    }

    void hide() {
        if (mode.compareAndSet(Mode.SERVE, Mode.HIDE)) {
            wake.signal();
        }
    }

    /**
     * Has it end.
     *
     * @param nanos how long what is under way may take; a shorter time counts if there is another
     */
    synchronized void drop(long nanos) {
        long end = System.nanoTime() + nanos;
        if (mode.get() != Mode.DROP) {
            overAt = end;
            mode.set(Mode.DROP);
            wake.signal();
        } else if (end - overAt < 0) {
            overAt = end;
        }
    }

    /** False if it ends anyway. */
    boolean suspend() {
        boolean begun = mode.compareAndSet(Mode.SERVE, Mode.SUSPEND);
        wake.signal();
        return begun;
    }

    /** It goes on after all; false if it was to end meanwhile. */
    boolean unsuspend() {
        return mode.compareAndSet(Mode.SUSPEND, Mode.SERVE);
    }

    /** Has whoever waits look for something new. */
    void look() {
        wake.signal();
    }

    @Override
    public void close() {
        wake.close();
    }
}
