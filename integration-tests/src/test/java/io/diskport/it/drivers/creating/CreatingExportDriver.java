package io.diskport.it.drivers.creating;

import io.diskport.api.ProvidesDriver;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.export.ExportContext;
import io.diskport.api.export.ShutdownMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.osgi.service.component.annotations.Component;

/** Exports whose creation takes as long as a file is there, and no interrupt helps. */
@ProvidesDriver(kind = "export", type = "creating")
@Component(
        service = BlockExportDriver.class,
        property = BlockExportDriver.TYPE_PROPERTY + "=creating")
public final class CreatingExportDriver implements BlockExportDriver<CreatingExportDriver.Options> {
    private static final long STEP_NANOS = 20_000_000;

    /**
     * @param during the file
     */
    public record Options(Path during) {}

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public BlockExport create(ExportContext context, Options options) {
        // Made first: once the bundle is gone no class of it is loaded any more.
        BlockExport export =
                new BlockExport() {
                    @Override
                    public void requestShutdown(ShutdownMode mode) {
                        // There are no clients.
                    }

                    @Override
                    public void delete() {
                        context.log().log(System.Logger.Level.INFO, "was deleted");
                    }
                };
        context.log().log(System.Logger.Level.INFO, "is being created");
        while (Files.exists(options.during())) {
            LockSupport.parkNanos(STEP_NANOS);
            Thread.interrupted();
        }
        return export;
    }
}
