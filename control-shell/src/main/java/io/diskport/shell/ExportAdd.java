package io.diskport.shell;

import io.diskport.api.manage.ExportManager;
import io.diskport.api.manage.OptionService;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Adds an export of a node. */
@Component(
        service = Command.class,
        property = {Command.SCOPE, Command.NAME + "export-add"})
public final class ExportAdd extends Add {
    private static final Manual MANUAL =
            new Manual(
                    "export-add",
                    "add an export of a node",
                    List.of("TYPE KEY=VALUE...", "type=TYPE,KEY=VALUE,..."),
                    """
                    Options may stand in one word, with commas between them, or in several words. ',,' is a comma
                    within a value; a dot leads into what is nested. A JSON object in single quotes works as well.
                    'options TYPE' shows what a type takes, 'nodes' what there is to export.
                    """,
                    List.of(
                            "export-add fuse id=disk node-name=disk mountpoint=/srv/disk writable=on",
                            "export-add type=fuse,id=disk,node-name=disk,mountpoint=/srv/disk,writable=on"));

    @Activate
    public ExportAdd(@Reference ExportManager manager, @Reference OptionService options) {
        super(MANUAL, manager, options, "type");
    }
}
