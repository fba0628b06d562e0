package io.diskport.core.life;

import io.diskport.api.manage.DriverManager;
import io.diskport.api.manage.ExportManager;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.NodeManager;
import io.diskport.api.manage.ObjectManager;
import io.diskport.api.manage.OptionService;
import java.util.ArrayList;
import java.util.List;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.log.LoggerFactory;

/** Puts the parts together: the graph, what feeds it with drivers, and the managers' services. */
@Component(service = Core.class, immediate = true)
public final class Core {
    private final BundleContext context;
    private final Graph graph;
    private final Changes changes;
    private final DriverReasons reasons;
    private final DriverTracker tracker;
    private final DriverWarnings warnings;
    private final SynchronousBundleListener bundles = this::bundleChanged;
    private final List<ServiceRegistration<?>> services = new ArrayList<>();
    private final Drivers drivers;

    /** Starts following drivers, and registers the managers. */
    @Activate
    public Core(
            BundleContext context,
            @Reference LoggerFactory logs,
            @Reference ServiceComponentRuntime components) {
        this.context = context;
        OsgiLog log = new OsgiLog(logs.getLogger(Core.class));
        changes = new Changes(log);
        reasons = new DriverReasons(context, components);
        graph = new Graph(this::whyNoDriver, changes, log);
        drivers = new Drivers(graph, changes, reasons);
        tracker = new DriverTracker(context, graph);
        warnings = new DriverWarnings(context, graph, reasons);
        reasons.open();
        tracker.open();
        context.addBundleListener(bundles);
        warnings.open();
        services.add(
                context.registerService(ExportManager.class, new Exports(graph, changes), null));
        services.add(context.registerService(NodeManager.class, new Nodes(graph, changes), null));
        services.add(
                context.registerService(ObjectManager.class, new Objects(graph, changes), null));
        services.add(context.registerService(DriverManager.class, drivers, null));
        services.add(context.registerService(OptionService.class, new OptionTexts(graph), null));
    }

    /** Ends everything. */
    @Deactivate
    void deactivate() {
        warnings.close();
        graph.close();
        services.forEach(ServiceRegistration::unregister);
        context.removeBundleListener(bundles);
        tracker.close();
        reasons.close();
        changes.close();
    }

    Graph graph() {
        return graph;
    }

    Changes changes() {
        return changes;
    }

    private String whyNoDriver(Kind kind, String type) {
        return drivers.whyNone(kind, type);
    }

    private void bundleChanged(BundleEvent event) {
        long bundle = event.getBundle().getBundleId();
        if (event.getType() == BundleEvent.UNINSTALLED) {
            graph.bundleUninstalled(bundle);
        } else if (event.getType() == BundleEvent.STOPPING
                && bundle == Constants.SYSTEM_BUNDLE_ID) {
            // Before the framework stops one bundle after the other: all exports at once.
            graph.close();
        }
    }
}
