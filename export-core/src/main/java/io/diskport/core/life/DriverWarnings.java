package io.diskport.core.life;

import java.lang.System.Logger.Level;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleListener;

/**
 * Logs what keeps a deployed bundle from service: once for each deployment and reason, and only
 * when things have settled, because bundles that come together need each other.
 */
final class DriverWarnings {
    private static final long SETTLED_MILLIS = 2000;

    private final BundleContext context;
    private final Graph graph;
    private final DriverReasons reasons;
    private final BundleListener listener = event -> lookSoon();
    private AutoCloseable drivers = () -> {};
    private Set<Told> told = Set.of();
    private long changes;
    private boolean waiting;

    /** What is said once for each time that a bundle is deployed. */
    private record Told(Bundle bundle, long deployed, String reason) {
        Told(Bundle bundle, String reason) {
            this(bundle, bundle.getLastModified(), reason);
        }
    }

    DriverWarnings(BundleContext context, Graph graph, DriverReasons reasons) {
        this.context = context;
        this.graph = graph;
        this.reasons = reasons;
    }

    void open() {
        context.addBundleListener(listener);
        drivers = graph.changes().watchDrivers(this::lookSoon);
        lookSoon();
    }

    void close() {
        context.removeBundleListener(listener);
        try {
            drivers.close();
        } catch (Exception e) {
            throw new IllegalStateException("closing only forgets the listener", e);
        }
    }

    private synchronized void lookSoon() {
        changes++;
        if (!waiting) {
            waiting = true;
            lookAfter(changes);
        }
    }

    private void lookAfter(long seen) {
        graph.after(SETTLED_MILLIS, () -> look(seen));
    }

    private synchronized void look(long seen) {
        if (changes != seen) {
            lookAfter(changes);
            return;
        }
        waiting = false;
        Set<Told> now = new LinkedHashSet<>();
        for (Bundle bundle : context.getBundles()) {
            reasons.needs(bundle).ifPresent(reason -> now.add(new Told(bundle, reason)));
        }
        List<DriverRef> there = graph.drivers();
        for (DriverReasons.Declared driver : reasons.declared()) {
            if (there.stream().noneMatch(driver::isThat)) {
                reasons.waitsFor(driver)
                        .ifPresent(reason -> now.add(new Told(driver.bundle(), reason)));
            }
        }
        for (Told fresh : now) {
            if (!told.contains(fresh)) {
                graph.log().log(Level.WARNING, fresh.reason());
            }
        }
        told = now;
    }
}
