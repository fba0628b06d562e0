package io.diskport.core.life;

import io.diskport.api.export.BlockExport;
import io.diskport.api.export.Handover;
import io.diskport.core.io.Backend;

/** One incarnation of an export. */
final class ExportRun extends Run {
    final Clients clients;
    volatile Backend backend;
    volatile BlockExport export;

    /** What the driver of this run, or of the one before, has left; guarded by this object. */
    private Handover handover;

    ExportRun(Item item, DriverRef driver) {
        super(item, driver);
        clients = new Clients(item.nameAtStart());
    }

    synchronized void leave(Handover left) {
        handover = left;
    }

    /** What was left, once. */
    synchronized Handover take() {
        Handover taken = handover;
        handover = null;
        return taken;
    }
}
