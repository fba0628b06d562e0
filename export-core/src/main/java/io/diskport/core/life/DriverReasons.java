package io.diskport.core.life;

import io.diskport.api.DriverUnavailable;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.manage.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.util.tracker.ServiceTracker;

/** Says in plain words why a driver that is installed does not serve. */
final class DriverReasons {
    private final BundleContext context;
    private final UnresolvedBundle unresolved;
    private final UnsatisfiedComponent components;
    private final ServiceTracker<DriverUnavailable, DriverUnavailable> unavailable;

    /** A driver that a bundle says it has. */
    record Declared(Kind kind, String type, Bundle bundle) {
        /** Whether a driver of the table is this one. */
        boolean isThat(DriverRef driver) {
            DriverRef.Identity identity = driver.identity();
            return identity.bundleId() == bundle.getBundleId()
                    && identity.kind() == kind
                    && identity.type().equals(type);
        }
    }

    DriverReasons(BundleContext context, ServiceComponentRuntime components) {
        this.context = context;
        this.unresolved = new UnresolvedBundle(context);
        this.components = new UnsatisfiedComponent(components);
        this.unavailable = new ServiceTracker<>(context, DriverUnavailable.class, null);
    }

    void open() {
        unavailable.open();
    }

    void close() {
        unavailable.close();
    }

    /** Every driver that an installed bundle says it has, by a capability or by a component. */
    List<Declared> declared() {
        List<Declared> found = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            BundleRevision revision = bundle.adapt(BundleRevision.class);
            if (revision == null) {
                continue;
            }
            for (BundleCapability capability :
                    revision.getDeclaredCapabilities(ProvidesDriver.NAMESPACE)) {
                Map<String, Object> attributes = capability.getAttributes();
                for (Kind kind : Kind.values()) {
                    if (kind.toString().equals(attributes.get("kind"))) {
                        found.add(
                                new Declared(kind, String.valueOf(attributes.get("type")), bundle));
                    }
                }
            }
            components.drivers(bundle).stream()
                    .filter(driver -> !found.contains(driver))
                    .forEach(found::add);
        }
        return found;
    }

    /** Why a driver that a bundle has does not serve. */
    String why(Declared driver) {
        return lacking(driver.kind(), driver.type())
                .orElseGet(() -> why(driver.kind(), driver.type(), driver.bundle()));
    }

    /** What the driver's own bundle says it lacks. */
    Optional<String> lacking(Kind kind, String type) {
        for (DriverUnavailable service : unavailable.getServices(new DriverUnavailable[0])) {
            if (service.kind().equals(kind.toString()) && service.type().equals(type)) {
                return Optional.of(service.reason());
            }
        }
        return Optional.empty();
    }

    private String why(Kind kind, String type, Bundle bundle) {
        return switch (bundle.getState()) {
            case Bundle.INSTALLED ->
                    needs(bundle)
                            .orElse(
                                    "its bundle is not let in, or its packages conflict; see the log");
            case Bundle.RESOLVED -> "its bundle is not started";
            case Bundle.STARTING, Bundle.ACTIVE ->
                    components.waitsFor(bundle, kind, type).orElse("it is starting");
            case Bundle.STOPPING -> "its bundle is stopping";
            default -> "its bundle is gone";
        };
    }

    /** What a bundle needs that does not resolve; empty if it does, or is kept out otherwise. */
    Optional<String> needs(Bundle bundle) {
        return bundle.getState() == Bundle.INSTALLED ? unresolved.needs(bundle) : Optional.empty();
    }

    /** What the driver of a bundle that is started waits for, if its own bundle does not say it. */
    Optional<String> waitsFor(Declared driver) {
        return driver.bundle().getState() == Bundle.ACTIVE
                        && lacking(driver.kind(), driver.type()).isEmpty()
                ? components.waitsFor(driver.bundle(), driver.kind(), driver.type())
                : Optional.empty();
    }
}
