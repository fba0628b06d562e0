package io.diskport.core.life;

import io.diskport.api.Handover;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;

/** Takes from one version of a driver what it leaves to the next, and frees it if nobody comes. */
final class Handovers {
    /** How long a hand-over is kept for the driver's next version. */
    static final long KEPT_MILLIS = 30_000;

    private static final long SUSPEND_MILLIS = 5000;
    private static final long CLOSE_MILLIS = 3000;

    private final Logger log;

    Handovers(Logger log) {
        this.log = log;
    }

    /** Has the driver of a run leave what clients hold; whether it did in time. */
    boolean suspend(Run run, Callable<Optional<Handover>> call) {
        try {
            Bounded.run(
                    "suspend-" + run.item().id(),
                    SUSPEND_MILLIS,
                    () -> {
                        Optional<Handover> left = call.call();
                        if (left.isPresent() && !run.leave(left.get())) {
                            closeAll(left.get().state());
                        }
                    });
        } catch (TimeoutException e) {
            log.log(Level.WARNING, run.item().nameAtStart() + " takes too long to hand over");
        } catch (Exception e) {
            log.log(Level.WARNING, run.item().nameAtStart() + " hands nothing over: " + e);
        }
        return run.hasLeft();
    }

    /** Frees what a run has left, if that was not taken. */
    void drop(Run run) {
        run.take().ifPresent(left -> closeAll(left.state()));
    }

    private void closeAll(Object value) {
        if (value instanceof Map<?, ?> map) {
            map.values().forEach(this::closeAll);
        } else if (value instanceof Iterable<?> values) {
            values.forEach(this::closeAll);
        } else if (value instanceof AutoCloseable closeable) {
            try {
                Bounded.run("close-handover", CLOSE_MILLIS, closeable::close);
            } catch (Exception e) {
                log.log(Level.WARNING, "Something handed over was not closed: " + e);
            }
        }
    }
}
