package io.diskport.shell;

import io.diskport.api.BlockException;
import io.diskport.api.manage.ExportEntry;
import io.diskport.api.manage.ExportManager;
import java.util.List;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Shows all exports. */
@Component(
        service = Command.class,
        property = {Command.SCOPE, Command.NAME + "exports"})
public final class Exports extends Command {
    private static final Manual MANUAL =
            new Manual(
                    "exports",
                    "show the exports",
                    List.of("[-v] [-b]"),
                    """
                      -v  who asked for each, and its options
                      -b  sizes in bytes

                    export-info shows everything of one.
                    """,
                    List.of("exports", "exports -v"));

    private final ExportManager exports;

    @Activate
    public Exports(@Reference ExportManager exports) {
        super(MANUAL, Set.of("-v", "-b"), Set.of());
        this.exports = exports;
    }

    @Override
    void run(Words words, Screen screen) throws BlockException {
        words.operands(new String[0]);
        boolean verbose = words.has("-v");
        boolean exact = words.has("-b");
        Table table =
                new Table(
                        "EXPORT",
                        "TYPE",
                        "NODE",
                        "ACCESS",
                        "STATE",
                        "CLIENTS>",
                        "READ>",
                        "WRITTEN>",
                        "ADDRESS",
                        "ASKED BY",
                        "OPTIONS",
                        "REASON");
        for (ExportEntry entry : exports.list()) {
            table.row(
                    entry.id(),
                    entry.type(),
                    entry.nodeName(),
                    entry.writable() ? "read-write" : "read-only",
                    entry.state().toString(),
                    Integer.toString(entry.clients().size()),
                    Units.bytes(entry.stats().readBytes(), exact),
                    Units.bytes(entry.stats().writtenBytes(), exact),
                    entry.info().address(),
                    verbose ? Texts.askedBy(entry) : "",
                    verbose ? Texts.options(entry) : "",
                    entry.reason());
        }
        screen.print(table);
    }
}
