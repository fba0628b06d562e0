package io.diskport.it.drivers.pulse;

import io.diskport.api.BlockException;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.export.ExportContext;
import java.nio.file.Path;
import org.osgi.service.component.annotations.Component;

/** Exports that are read from all the time, and write down how long they ever waited. */
@ProvidesDriver(kind = "export", type = "pulse")
@Component(service = BlockExportDriver.class, property = BlockExportDriver.TYPE_PROPERTY + "=pulse")
public final class PulseExportDriver implements BlockExportDriver<PulseExportDriver.Options> {
    /**
     * @param file where the number of answers stands, and the longest time in ms between two
     */
    public record Options(Path file) {}

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public BlockExport create(ExportContext context, Options options) throws BlockException {
        return new PulseExport(context.client("pulse"), options.file());
    }
}
