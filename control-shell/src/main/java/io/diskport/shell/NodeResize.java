package io.diskport.shell;

import io.diskport.api.BlockException;
import io.diskport.api.manage.NodeManager;
import io.diskport.api.options.ByteSize;
import java.util.List;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Changes the length of a node. */
@Component(
        service = Command.class,
        property = {Command.SCOPE, Command.NAME + "node-resize"})
public final class NodeResize extends Command {
    private static final Manual MANUAL =
            new Manual(
                    "node-resize",
                    "make a node longer or shorter",
                    List.of("NODE-NAME SIZE"),
                    """
                    SIZE is a number of bytes, with k, M, G, T, P or E behind it if wanted. What lies
                    beyond a shorter length is lost. Exports of the node follow.
                    """,
                    List.of("node-resize disk 512M"));

    private final NodeManager nodes;

    @Activate
    public NodeResize(@Reference NodeManager nodes) {
        super(MANUAL, Set.of(), Set.of());
        this.nodes = nodes;
    }

    @Override
    void run(Words words, Screen screen) throws BlockException {
        List<String> operands = words.operands("NODE-NAME", "SIZE");
        String name = operands.get(0);
        String text = operands.get(1);
        ByteSize size;
        try {
            size = ByteSize.parse(text);
        } catch (IllegalArgumentException e) {
            throw new BlockException(
                    BlockException.Reason.INVALID,
                    "SIZE cannot be '%s': %s".formatted(text, e.getMessage()),
                    e);
        }
        nodes.resize(name, size.bytes());
        screen.line("%s is %s long", name, Units.bytes(size.bytes(), false));
    }
}
