package io.diskport.qmp;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.manage.DriverManager;
import io.diskport.api.manage.ExportManager;
import io.diskport.api.manage.NodeManager;
import io.diskport.api.manage.ObjectManager;
import io.diskport.api.object.BlockObject;
import io.diskport.api.object.BlockObjectDriver;
import io.diskport.api.object.ObjectContext;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Makes monitors, through which programs steer Diskport as they do QEMU. */
@ProvidesDriver(kind = "object", type = MonitorDriver.TYPE)
@Component(
        service = BlockObjectDriver.class,
        property = BlockObjectDriver.TYPE_PROPERTY + "=" + MonitorDriver.TYPE)
public final class MonitorDriver implements BlockObjectDriver<MonitorOptions> {
    static final String TYPE = "qmp-monitor";

    private static final System.Logger LOG = System.getLogger(MonitorDriver.class.getName());

    private final Engine engine;
    private final Beginning beginning;

    /** Whether a monitor reads standard input, which none ever gives back. */
    private final AtomicBoolean stdio = new AtomicBoolean();

    /** Begins to listen for events. */
    @Activate
    public MonitorDriver(
            BundleContext context,
            @Reference ExportManager exports,
            @Reference NodeManager nodes,
            @Reference ObjectManager objects,
            @Reference DriverManager drivers) {
        beginning = new Beginning(context);
        engine = new Engine(new Framework(context), exports, nodes, objects, drivers);
    }

    /** Lets clients hear the last of what they are told. */
    @Deactivate
    void deactivate() throws Exception {
        beginning.close();
        engine.close();
    }

    @Override
    public Class<MonitorOptions> optionsType() {
        return MonitorOptions.class;
    }

    @Override
    public Class<? extends BlockObject> contract() {
        return QmpMonitor.class;
    }

    /** Meets its clients, and answers them when the command line is worked off, as QEMU does. */
    @Override
    public BlockObject create(ObjectContext context, MonitorOptions options) throws BlockException {
        QmpMonitor monitor = new QmpMonitor(context, clients(options), options.pretty(), engine);
        beginning.whenOver(monitor::start);
        return monitor;
    }

    private Clients clients(MonitorOptions options) throws BlockException {
        MonitorAddress address = options.addr();
        if (address instanceof MonitorAddress.Stdio) {
            if (stdio.getAndSet(true)) {
                throw new BlockException(
                        Reason.IN_USE,
                        "addr.type=stdio: another monitor has standard input and output");
            }
            return new OneClient(StandardStreams.ofTheProcess(), address.toString());
        }
        return options.server()
                ? ListeningClients.at(address)
                : new OneClient(Sockets.connect(address), address.toString());
    }

    /** The daemon is the framework it runs in. */
    private record Framework(BundleContext context) implements Engine.Daemon {
        private Bundle framework() {
            return context.getBundle(Constants.SYSTEM_BUNDLE_ID);
        }

        @Override
        public List<Integer> version() {
            Version version = context.getBundle().getVersion();
            return List.of(version.getMajor(), version.getMinor(), version.getMicro());
        }

        @Override
        public void end() {
            try {
                framework().stop();
            } catch (BundleException e) {
                LOG.log(Level.ERROR, "The daemon cannot be ended", e);
            }
        }

        @Override
        public boolean isEnding() {
            return framework().getState() == Bundle.STOPPING;
        }
    }
}
