package io.diskport.shell;

import io.diskport.api.manage.ObjectManager;
import io.diskport.api.manage.OptionService;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Adds an object that nodes and exports refer to. */
@Component(
        service = Command.class,
        property = {Command.SCOPE, Command.NAME + "object-add"})
public final class ObjectAdd extends Add {
    private static final Manual MANUAL =
            new Manual(
                    "object-add",
                    "add an object that nodes and exports refer to",
                    List.of("TYPE KEY=VALUE...", "qom-type=TYPE,KEY=VALUE,..."),
                    """
                    Options may stand in one word, with commas between them, or in several words. ',,' is a comma
                    within a value; a dot leads into what is nested. A JSON object in single quotes works as well.
                    'options TYPE' shows what a type takes.
                    """,
                    List.of(
                            "object-add secret id=key file=/etc/diskport/key",
                            "object-add iothread,id=workers,workers=8"));

    @Activate
    public ObjectAdd(@Reference ObjectManager manager, @Reference OptionService options) {
        super(MANUAL, manager, options, "qom-type");
    }
}
