package io.diskport.shell;

import io.diskport.api.BlockException;
import io.diskport.api.manage.ObjectEntry;
import io.diskport.api.manage.ObjectManager;
import java.util.List;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Shows all objects. */
@Component(
        service = Command.class,
        property = {Command.SCOPE, Command.NAME + "objects"})
public final class Objects extends Command {
    private static final Manual MANUAL =
            new Manual(
                    "objects",
                    "show the objects that nodes and exports refer to",
                    List.of("[-v]"),
                    """
                      -v  who asked for each, its options, and what it tells
                    """,
                    List.of("objects", "objects -v"));

    private final ObjectManager objects;

    @Activate
    public Objects(@Reference ObjectManager objects) {
        super(MANUAL, Set.of("-v"), Set.of());
        this.objects = objects;
    }

    @Override
    void run(Words words, Screen screen) throws BlockException {
        words.operands(new String[0]);
        boolean verbose = words.has("-v");
        Table table =
                new Table(
                        "OBJECT",
                        "TYPE",
                        "STATE",
                        "USED BY",
                        "ASKED BY",
                        "OPTIONS",
                        "DETAILS",
                        "REASON");
        for (ObjectEntry entry : objects.list()) {
            table.row(
                    entry.id(),
                    entry.type(),
                    entry.state().toString(),
                    String.join("\n", entry.users()),
                    verbose ? Texts.askedBy(entry) : "",
                    verbose ? Texts.options(entry) : "",
                    verbose ? Texts.lines(entry.details()) : "",
                    entry.reason());
        }
        screen.print(table);
    }
}
