package io.diskport.core.life;

import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.manage.Kind;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.object.BlockObjectDriver;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.Version;
import org.osgi.util.tracker.ServiceTracker;
import org.osgi.util.tracker.ServiceTrackerCustomizer;

/**
 * Follows the driver services. The service object is held until all that it has made has ended, or
 * the time for that has run out.
 */
final class DriverTracker {
    private final BundleContext context;
    private final Graph graph;
    private final List<ServiceTracker<?, ?>> trackers = new ArrayList<>();

    DriverTracker(BundleContext context, Graph graph) {
        this.context = context;
        this.graph = graph;
    }

    void open() {
        track(BlockObjectDriver.class, Kind.OBJECT, BlockObjectDriver.TYPE_PROPERTY);
        track(BlockNodeDriver.class, Kind.NODE, BlockNodeDriver.DRIVER_PROPERTY);
        track(BlockExportDriver.class, Kind.EXPORT, BlockExportDriver.TYPE_PROPERTY);
    }

    void close() {
        trackers.forEach(ServiceTracker::close);
    }

    private <S> void track(Class<S> service, Kind kind, String typeProperty) {
        ServiceTracker<S, DriverRef> tracker =
                new ServiceTracker<>(context, service, new Customizer<>(kind, typeProperty));
        trackers.add(tracker);
        tracker.open();
    }

    private final class Customizer<S> implements ServiceTrackerCustomizer<S, DriverRef> {
        private final Kind kind;
        private final String typeProperty;

        Customizer(Kind kind, String typeProperty) {
            this.kind = kind;
            this.typeProperty = typeProperty;
        }

        @Override
        public DriverRef addingService(ServiceReference<S> reference) {
            if (!(reference.getProperty(typeProperty) instanceof String type) || type.isEmpty()) {
                graph.log().log(
                        Level.WARNING,
                        "A driver of bundle "
                                + reference.getBundle().getSymbolicName()
                                + " has no service property "
                                + typeProperty
                                + " and is not used");
                return null;
            }
            S service = context.getService(reference);
            if (service == null) {
                return null;
            }
            DriverRef driver = new DriverRef(identity(reference, type), service);
            graph.driverCame(driver);
            return driver;
        }

        @Override
        public void modifiedService(ServiceReference<S> reference, DriverRef driver) {
            graph.driverChanged(driver, identity(reference, driver.identity().type()));
        }

        @Override
        public void removedService(ServiceReference<S> reference, DriverRef driver) {
            try {
                graph.driverLeft(driver);
            } finally {
                context.ungetService(reference);
            }
        }

        private DriverRef.Identity identity(ServiceReference<S> reference, String type) {
            Object ranking = reference.getProperty(Constants.SERVICE_RANKING);
            Object placeholder = reference.getProperty(BlockExportDriver.PLACEHOLDER_PROPERTY);
            Version version = reference.getBundle().getVersion();
            return new DriverRef.Identity(
                    kind,
                    type,
                    String.valueOf(reference.getBundle().getSymbolicName()),
                    reference.getBundle().getBundleId(),
                    new DriverRef.BundleVersion(
                            version.getMajor(),
                            version.getMinor(),
                            version.getMicro(),
                            version.getQualifier()),
                    ranking instanceof Integer number ? number : 0,
                    placeholder instanceof String message ? message : "");
        }
    }
}
