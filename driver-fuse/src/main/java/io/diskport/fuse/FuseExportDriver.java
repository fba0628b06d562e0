package io.diskport.fuse;

import io.diskport.api.BlockException;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.export.ExportContext;
import io.diskport.api.node.Permissions;
import io.diskport.fuse.mount.FuseHost;
import io.diskport.fuse.mount.Mountpoint;
import io.diskport.fuse.mount.Mountpoints;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.propertytypes.SatisfyingConditionTarget;

/**
 * Exports a node as a regular file through FUSE. In service only where {@link FuseProbe} finds what
 * it needs.
 */
@ProvidesDriver(kind = FuseExportDriver.KIND, type = FuseExportDriver.TYPE)
@SatisfyingConditionTarget("(osgi.condition.id=" + FuseProbe.CONDITION + ")")
@Component(
        service = BlockExportDriver.class,
        property = BlockExportDriver.TYPE_PROPERTY + "=" + FuseExportDriver.TYPE)
public final class FuseExportDriver implements BlockExportDriver<FuseOptions> {
    static final String KIND = "export";
    static final String TYPE = "fuse";

    private final FuseHost host;
    private final Mountpoints mountpoints;

    /** The driver on this host. */
    @Activate
    public FuseExportDriver() {
        this(FuseHost.here());
    }

    FuseExportDriver(FuseHost host) {
        this.host = host;
        this.mountpoints = new Mountpoints(host);
    }

    @Override
    public Class<FuseOptions> optionsType() {
        return FuseOptions.class;
    }

    /** A writable file can be truncated by its clients, whether writes make it grow or not. */
    @Override
    public Permissions permissions(FuseOptions options, boolean writable) {
        return writable ? Permissions.ALL : Permissions.READ;
    }

    @Override
    public BlockExport create(ExportContext context, FuseOptions options) throws BlockException {
        Mountpoint mountpoint = mountpoints.claim(options.mountpoint(), context.log());
        return new FuseExport(context, options, mountpoint, host);
    }
}
