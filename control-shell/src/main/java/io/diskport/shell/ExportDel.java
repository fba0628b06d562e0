package io.diskport.shell;

import io.diskport.api.BlockException;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.ExportManager;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Ends an export. */
@Component(
        service = Command.class,
        property = {Command.SCOPE, Command.NAME + "export-del"})
public final class ExportDel extends Command {
    private static final Manual MANUAL =
            new Manual(
                    "export-del",
                    "end an export",
                    List.of("ID [--mode safe|hard|hide|soft]"),
                    """
                      safe  refused while clients are connected (what is meant without --mode)
                      hard  clients are dropped
                      hide  no new clients; it ends when those that are there have left
                      soft  as hide, and what those ask for fails

                    One that a configuration asks for stays away until the configuration changes or
                    Diskport is started again.
                    """,
                    List.of("export-del disk", "export-del disk --mode hard"));

    private final ExportManager exports;

    @Activate
    public ExportDel(@Reference ExportManager exports) {
        super(MANUAL, Set.of(), Set.of("--mode"));
        this.exports = exports;
    }

    @Override
    void run(Words words, Screen screen) throws BlockException {
        String id = words.operand("ID");
        ShutdownMode mode = mode(words);
        if (mode == ShutdownMode.HARD
                && exports.find(id).filter(export -> !export.clients().isEmpty()).isPresent()) {
            screen.line("%s is ending; its clients have 5 s to leave", id);
        }
        exports.delete(id, mode);
        boolean gone = exports.find(id).isEmpty();
        screen.line(gone ? "%s is gone" : "%s ends when its clients have left", id);
    }

    private static ShutdownMode mode(Words words) throws BlockException {
        String name = words.setting("--mode").orElse("safe");
        for (ShutdownMode mode : ShutdownMode.values()) {
            if (mode.name().toLowerCase(Locale.ROOT).equals(name)) {
                return mode;
            }
        }
        throw words.mistake("--mode cannot be '%s'".formatted(name));
    }
}
