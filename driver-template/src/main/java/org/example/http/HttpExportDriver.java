package org.example.http;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.export.ExportContext;
import io.diskport.api.options.Option;
import org.osgi.service.component.annotations.Component;

/** Exports of type http: a node that can be read over HTTP/1.1, with ranges. */
@Component(property = BlockExportDriver.TYPE_PROPERTY + "=http")
@ProvidesDriver(kind = "export", type = "http")
public final class HttpExportDriver implements BlockExportDriver<HttpExportDriver.Options> {
    /** The options, for people and for the parser. */
    public record Options(
            @Option(
                            description = "the address to listen on; others are not let in by default",
                            defaultValue = "127.0.0.1",
                            example = "0.0.0.0")
                    String host,
            @Option(description = "the port to listen on; 0 takes a free one", defaultValue = "8080")
                    int port) {}

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public BlockExport create(ExportContext context, Options options) throws BlockException {
        if (context.backend().writable()) {
            throw new BlockException(
                    Reason.INVALID,
                    "Exports of type http can only be read; leave writable=on out");
        }
        if (options.port() < 0 || options.port() > 65535) {
            throw new BlockException(
                    Reason.INVALID,
                    "Option 'port' is " + options.port() + "; ports are 1 to 65535, or 0 for any");
        }
        return new HttpExport(context, options);
    }
}
