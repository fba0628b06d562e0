package io.diskport.testkit.bad;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.Handover;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.export.ExportContext;
import io.diskport.api.options.Option;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** Exports on a Unix socket with a bug of choice. */
@Component(property = BlockExportDriver.TYPE_PROPERTY + "=bad")
@ProvidesDriver(kind = "export", type = "bad")
public final class BadExportDriver implements BlockExportDriver<BadExportDriver.Options> {
    /** What is wrong. */
    public enum Bug {
        NONE,
        HAS_NO_ADDRESS,
        READS_BESIDE_IT,
        FAILS_BESIDE_OTHERS,
        DROPS_CLIENTS_WHEN_HIDDEN,
        LOSES_FLUSHES,
        IGNORES_FUA,
        LOSES_DISCARDS,
        ZEROES_TOO_MUCH,
        IGNORES_READ_ONLY,
        READS_PAST_THE_END,
        WRITES_PAST_THE_END,
        SWALLOWS_ERRORS,
        SWALLOWS_FLUSH_ERRORS,
        IGNORES_A_RESIZE,
        MIXES_EXPORTS,
        HIDES_CLIENTS,
        FORGETS_NO_CLIENT,
        KEEPS_CLIENTS_AFTER_DELETE,
        LEAVES_CLIENTS_WAITING,
        LEAVES_A_THREAD,
        LEAVES_A_DESCRIPTOR,
        LEAVES_A_CLASS,
        LOSES_A_BYTE_IN_A_HANDOVER,
        BREAKS_AT_A_BOUNDARY,
        LEAVES_ITS_SOCKET
    }

    /**
     * The options.
     *
     * @param path where clients connect
     * @param backlog how many of them wait
     * @param bug what is wrong
     */
    public record Options(
            @Option(description = "the socket") Path path,
            @Option(description = "how many clients wait", defaultValue = "8") int backlog,
            @Option(description = "what is wrong", defaultValue = "none") Bug bug) {
        /** Checks the backlog. */
        public Options {
            if (bug != Bug.BREAKS_AT_A_BOUNDARY && backlog < 1) {
                throw new IllegalArgumentException("Option 'backlog' is 1 or more");
            }
        }
    }

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public BlockExport create(ExportContext context, Options options) throws BlockException {
        if (options.backlog() < 1) {
            throw new IllegalStateException("no room");
        }
        Optional<Handover> left = context.handover();
        try {
            BadExport export = new BadExport(context, options, left);
            export.start();
            return export;
        } catch (IOException e) {
            throw new BlockException(
                    Reason.FAILED, "Failed to listen at '" + options.path() + "': " + e, e);
        }
    }
}
