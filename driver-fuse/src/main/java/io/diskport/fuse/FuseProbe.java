package io.diskport.fuse;

import io.diskport.fuse.mount.FuseHost;
import io.diskport.natives.NativeRuntime;
import io.diskport.support.probe.HostProbe;
import java.util.Optional;
import java.util.function.Supplier;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/** Looks for what the driver needs on this host, until it is there. */
@Component(
        immediate = true,
        service = {})
public final class FuseProbe {
    /** The id of the condition that stands for the FUSE native library, libfuse 2 or 3. */
    public static final String CONDITION = "io.diskport.fuse.library";

    private static final HostProbe.Subject SUBJECT =
            new HostProbe.Subject(
                    "FUSE exports", FuseExportDriver.KIND, FuseExportDriver.TYPE, CONDITION);

    private final HostProbe probe;

    /** Looks at this host. */
    @Activate
    public FuseProbe(BundleContext bundle, @Reference(service = LoggerFactory.class) Logger log) {
        this.probe = new HostProbe(SUBJECT, bundle, log, FuseProbe::problem);
    }

    FuseProbe(
            BundleContext bundle,
            Logger log,
            Supplier<Optional<String>> problem,
            long periodMillis) {
        this.probe = new HostProbe(SUBJECT, bundle, log, problem, periodMillis);
    }

    /** Takes back what it registered. */
    @Deactivate
    public void stop() {
        probe.close();
    }

    /** Why no FUSE export can be made here; empty where one can. */
    static Optional<String> problem() {
        return NativeRuntime.problem().or(FuseHost.here()::problem).or(FuseLibraries::problem);
    }
}
