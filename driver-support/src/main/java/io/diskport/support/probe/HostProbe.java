package io.diskport.support.probe;

import io.diskport.api.DriverUnavailable;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.condition.Condition;
import org.osgi.service.log.Logger;

/**
 * Looks for what a driver needs on this host: registers a condition where it is there, says why
 * where it is not, and looks again every two seconds until it is. The driver's component names the
 * condition as its satisfying condition; a component of the bundle holds this object.
 */
public final class HostProbe implements AutoCloseable {
    private static final long PERIOD_MILLIS = 2000;

    private final Subject subject;
    private final BundleContext bundle;
    private final Logger log;
    private final Supplier<Optional<String>> problem;
    private final ScheduledExecutorService timer;
    private ServiceRegistration<?> registration;
    private volatile String reason = "";

    /**
     * What is looked for.
     *
     * @param name for people, in the plural: {@code FUSE exports}
     * @param kind what the driver makes: export, node or object
     * @param type the type that it serves
     * @param condition the id of the condition
     */
    public record Subject(String name, String kind, String type, String condition) {}

    /**
     * Begins to look, the first time before this returns.
     *
     * @param problem why the driver cannot work here, in one line; empty if it can
     */
    public HostProbe(
            Subject subject, BundleContext bundle, Logger log, Supplier<Optional<String>> problem) {
        this(subject, bundle, log, problem, PERIOD_MILLIS);
    }

    /** The same, looking again in another time, for tests. */
    public HostProbe(
            Subject subject,
            BundleContext bundle,
            Logger log,
            Supplier<Optional<String>> problem,
            long periodMillis) {
        this.subject = subject;
        this.bundle = bundle;
        this.log = log;
        this.problem = problem;
        this.timer =
                Executors.newSingleThreadScheduledExecutor(
                        task -> {
                            Thread thread =
                                    new Thread(task, "diskport-" + subject.type() + "-probe");
                            thread.setDaemon(true);
                            return thread;
                        });
        if (!look()) {
            timer.scheduleWithFixedDelay(
                    this::look, periodMillis, periodMillis, TimeUnit.MILLISECONDS);
        }
    }

    /** Takes back what it registered. */
    @Override
    public synchronized void close() {
        timer.shutdownNow();
        unregister();
    }

    /** Whether everything is there; the timer is not needed any more then. */
    private synchronized boolean look() {
        if (timer.isShutdown()) {
            return true;
        }
        Optional<String> found = look(problem);
        if (found.isEmpty()) {
            timer.shutdown();
            unregister();
            registration =
                    bundle.registerService(
                            Condition.class, Condition.INSTANCE, properties(subject.condition()));
            if (!reason.isEmpty()) {
                log.info(subject.name() + ": what was missing is there now");
            }
            return true;
        }
        if (!found.get().equals(reason)) {
            reason = found.get();
            log.warn(subject.name() + " wait: {}", reason);
        }
        if (registration == null) {
            registration =
                    bundle.registerService(
                            DriverUnavailable.class, new Unavailable(), new Hashtable<>());
        }
        return false;
    }

    private static Optional<String> look(Supplier<Optional<String>> problem) {
        try {
            return problem.get();
        } catch (LinkageError | RuntimeException e) {
            return Optional.of("native code cannot be used: " + e);
        }
    }

    private void unregister() {
        if (registration != null) {
            registration.unregister();
            registration = null;
        }
    }

    private static Dictionary<String, Object> properties(String condition) {
        return new Hashtable<>(Map.of(Condition.CONDITION_ID, condition));
    }

    /** Shown in the driver's place. */
    private final class Unavailable implements DriverUnavailable {
        @Override
        public String kind() {
            return subject.kind();
        }

        @Override
        public String type() {
            return subject.type();
        }

        @Override
        public String reason() {
            return reason;
        }
    }
}
