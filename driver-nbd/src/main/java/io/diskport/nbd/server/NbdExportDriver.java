package io.diskport.nbd.server;

import io.diskport.api.BlockException;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.export.ExportContext;
import io.diskport.api.node.Permissions;
import org.osgi.service.component.annotations.Component;

/** Offers nodes over the network through NBD. */
@ProvidesDriver(kind = "export", type = NbdExportDriver.TYPE)
@Component(
        service = BlockExportDriver.class,
        property = BlockExportDriver.TYPE_PROPERTY + "=" + NbdExportDriver.TYPE)
public final class NbdExportDriver implements BlockExportDriver<NbdExportOptions> {
    static final String TYPE = "nbd";

    @Override
    public Class<NbdExportOptions> optionsType() {
        return NbdExportOptions.class;
    }

    @Override
    public Permissions permissions(NbdExportOptions options, boolean writable) {
        if (!writable) {
            return Permissions.READ;
        }
        return options.growable() ? Permissions.ALL : Permissions.READ_WRITE;
    }

    @Override
    public BlockExport create(ExportContext context, NbdExportOptions options)
            throws BlockException {
        return NbdExport.start(context, options, context.object(options.server()));
    }
}
