package io.diskport.it.drivers.nbd;

import io.diskport.api.ProvidesDriver;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.export.ExportContext;
import io.diskport.api.export.ShutdownMode;
import org.osgi.service.component.annotations.Component;

/** A driver of type nbd that serves nobody, and takes over from the placeholder. */
@ProvidesDriver(kind = "export", type = "nbd")
@Component(service = BlockExportDriver.class, property = BlockExportDriver.TYPE_PROPERTY + "=nbd")
public final class NbdDriver implements BlockExportDriver<NbdDriver.Options> {
    /** There is nothing to choose. */
    public record Options() {}

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public BlockExport create(ExportContext context, Options options) {
        return new BlockExport() {
            @Override
            public void requestShutdown(ShutdownMode mode) {
                // There are no clients.
            }

            @Override
            public void delete() {
                // There is nothing to free.
            }
        };
    }
}
