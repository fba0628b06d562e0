package io.diskport.vhost.blk;

import io.diskport.api.DriverUnavailable;
import io.diskport.natives.NativeRuntime;
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
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.condition.Condition;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/**
 * Looks for what the driver needs on this host: registers a condition where it is there, says why
 * where it is not, and looks again every two seconds until it is.
 */
@Component(
        immediate = true,
        service = {})
public final class VhostUserBlkProbe {
    /** The id of the condition that stands for the system calls that shared memory takes. */
    public static final String CONDITION = "io.diskport.vhost.blk.host";

    private static final long PERIOD_MILLIS = 2000;

    private final BundleContext bundle;
    private final Logger log;
    private final Supplier<Optional<String>> problem;
    private final ScheduledExecutorService timer;
    private ServiceRegistration<?> registration;
    private volatile String reason = "";

    /** Looks at this host. */
    @Activate
    public VhostUserBlkProbe(
            BundleContext bundle, @Reference(service = LoggerFactory.class) Logger log) {
        this(bundle, log, VhostUserBlkProbe::problem, PERIOD_MILLIS);
    }

    VhostUserBlkProbe(
            BundleContext bundle,
            Logger log,
            Supplier<Optional<String>> problem,
            long periodMillis) {
        this.bundle = bundle;
        this.log = log;
        this.problem = problem;
        this.timer =
                Executors.newSingleThreadScheduledExecutor(
                        task -> {
                            Thread thread = new Thread(task, "diskport-vhost-user-blk-probe");
                            thread.setDaemon(true);
                            return thread;
                        });
        if (!look()) {
            timer.scheduleWithFixedDelay(
                    this::look, periodMillis, periodMillis, TimeUnit.MILLISECONDS);
        }
    }

    /** Takes back what it registered. */
    @Deactivate
    public synchronized void stop() {
        timer.shutdownNow();
        unregister();
    }

    /** Why no export can be made here; empty where one can. */
    static Optional<String> problem() {
        return NativeRuntime.problem().or(HostProblem::find);
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
                            Condition.class, Condition.INSTANCE, properties(CONDITION));
            if (!reason.isEmpty()) {
                log.info("vhost-user-blk exports: what was missing is there now");
            }
            return true;
        }
        if (!found.get().equals(reason)) {
            reason = found.get();
            log.warn("vhost-user-blk exports wait: {}", reason);
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
            return VhostUserBlkDriver.KIND;
        }

        @Override
        public String type() {
            return VhostUserBlkDriver.TYPE;
        }

        @Override
        public String reason() {
            return reason;
        }
    }
}
