package io.diskport.core.life;

import io.diskport.api.export.BlockExport;
import io.diskport.core.io.Backend;

/** One incarnation of an export. */
final class ExportRun extends Run {
    final Clients clients;
    volatile Backend backend;
    volatile BlockExport export;

    ExportRun(Item item, DriverRef driver) {
        super(item, driver);
        clients = new Clients(item.nameAtStart());
    }
}
