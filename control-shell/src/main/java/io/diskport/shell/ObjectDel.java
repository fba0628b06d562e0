package io.diskport.shell;

import io.diskport.api.BlockException;
import io.diskport.api.manage.ObjectManager;
import java.util.List;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Deletes an object. */
@Component(
        service = Command.class,
        property = {Command.SCOPE, Command.NAME + "object-del"})
public final class ObjectDel extends Command {
    private static final Manual MANUAL =
            new Manual(
                    "object-del",
                    "delete an object",
                    List.of("ID"),
                    """
                    Refused while a node or an export uses it.
                    """,
                    List.of("object-del key"));

    private final ObjectManager manager;

    @Activate
    public ObjectDel(@Reference ObjectManager manager) {
        super(MANUAL, Set.of(), Set.of());
        this.manager = manager;
    }

    @Override
    void run(Words words, Screen screen) throws BlockException {
        String name = words.operand("ID");
        manager.delete(name);
        screen.line("%s is gone", name);
    }
}
