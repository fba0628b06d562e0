package io.diskport.shell;

import io.diskport.api.BlockException;
import io.diskport.api.manage.NodeEntry;
import io.diskport.api.manage.NodeManager;
import java.util.List;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Shows all nodes. */
@Component(
        service = Command.class,
        property = {Command.SCOPE, Command.NAME + "nodes"})
public final class Nodes extends Command {
    private static final Manual MANUAL =
            new Manual(
                    "nodes",
                    "show the nodes",
                    List.of("[-v] [-b]"),
                    """
                      -v  who asked for each, and its options
                      -b  sizes in bytes
                    """,
                    List.of("nodes", "nodes -v -b"));

    private final NodeManager nodes;

    @Activate
    public Nodes(@Reference NodeManager nodes) {
        super(MANUAL, Set.of("-v", "-b"), Set.of());
        this.nodes = nodes;
    }

    @Override
    void run(Words words, Screen screen) throws BlockException {
        words.operands(new String[0]);
        boolean verbose = words.has("-v");
        boolean exact = words.has("-b");
        Table table =
                new Table(
                        "NODE",
                        "DRIVER",
                        "LENGTH>",
                        "ALLOCATED>",
                        "ACCESS",
                        "STATE",
                        "ON",
                        "USED BY",
                        "ASKED BY",
                        "OPTIONS",
                        "REASON");
        for (NodeEntry entry : nodes.list()) {
            table.row(
                    entry.id(),
                    entry.type(),
                    Units.bytes(entry.length(), exact),
                    Units.bytes(entry.allocatedLength(), exact),
                    entry.length() < 0 ? "" : entry.readOnly() ? "read-only" : "read-write",
                    entry.state().toString(),
                    String.join("\n", entry.children()),
                    String.join("\n", entry.users()),
                    verbose ? Texts.askedBy(entry) : "",
                    verbose ? Texts.options(entry) : "",
                    entry.reason());
        }
        screen.print(table);
    }
}
