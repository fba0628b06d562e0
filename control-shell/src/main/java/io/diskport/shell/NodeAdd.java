package io.diskport.shell;

import io.diskport.api.manage.NodeManager;
import io.diskport.api.manage.OptionService;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Adds a node. */
@Component(
        service = Command.class,
        property = {Command.SCOPE, Command.NAME + "node-add"})
public final class NodeAdd extends Add {
    private static final Manual MANUAL =
            new Manual(
                    "node-add",
                    "add a node",
                    List.of("DRIVER KEY=VALUE...", "driver=DRIVER,KEY=VALUE,..."),
                    """
                    Options may stand in one word, with commas between them, or in several words. ',,' is a comma
                    within a value; a dot leads into what is nested. A JSON object in single quotes works as well.
                    'options DRIVER' shows what a driver takes.
                    """,
                    List.of(
                            "node-add file node-name=disk filename=/srv/disk.raw",
                            "node-add driver=memory,node-name=scratch,size=1G",
                            "node-add file node-name=fast filename=/srv/fast.raw cache.direct=on discard=unmap"));

    @Activate
    public NodeAdd(@Reference NodeManager manager, @Reference OptionService options) {
        super(MANUAL, manager, options, "driver");
    }
}
