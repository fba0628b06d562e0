package io.diskport.vhost.blk;

import io.diskport.natives.NativeRuntime;
import io.diskport.support.probe.HostProbe;
import java.util.Optional;
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
public final class VhostUserBlkProbe {
    /** The id of the condition that stands for the system calls that shared memory takes. */
    public static final String CONDITION = "io.diskport.vhost.blk.host";

    private static final HostProbe.Subject SUBJECT =
            new HostProbe.Subject(
                    "vhost-user-blk exports",
                    VhostUserBlkDriver.KIND,
                    VhostUserBlkDriver.TYPE,
                    CONDITION);

    private final HostProbe probe;

    /** Looks at this host. */
    @Activate
    public VhostUserBlkProbe(
            BundleContext bundle, @Reference(service = LoggerFactory.class) Logger log) {
        this.probe = new HostProbe(SUBJECT, bundle, log, VhostUserBlkProbe::problem);
    }

    /** Takes back what it registered. */
    @Deactivate
    public void stop() {
        probe.close();
    }

    /** Why no export can be made here; empty where one can. */
    static Optional<String> problem() {
        return NativeRuntime.problem().or(HostProblem::find);
    }
}
