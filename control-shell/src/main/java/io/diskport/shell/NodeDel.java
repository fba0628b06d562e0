package io.diskport.shell;

import io.diskport.api.BlockException;
import io.diskport.api.manage.NodeManager;
import java.util.List;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Deletes a node. */
@Component(
        service = Command.class,
        property = {Command.SCOPE, Command.NAME + "node-del"})
public final class NodeDel extends Command {
    private static final Manual MANUAL =
            new Manual(
                    "node-del",
                    "delete a node",
                    List.of("NODE-NAME"),
                    """
                    Refused while an export or another node uses it. One that a configuration asks for stays away
                    until the configuration changes or Diskport is started again.
                    """,
                    List.of("node-del disk"));

    private final NodeManager manager;

    @Activate
    public NodeDel(@Reference NodeManager manager) {
        super(MANUAL, Set.of(), Set.of());
        this.manager = manager;
    }

    @Override
    void run(Words words, Screen screen) throws BlockException {
        String name = words.operand("NODE-NAME");
        manager.delete(name);
        screen.line("%s is gone", name);
    }
}
