package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.ExportEntry;
import io.diskport.api.manage.ExportManager;
import io.diskport.api.manage.Kind;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The manager of exports. */
final class Exports extends ItemManager<ExportEntry> implements ExportManager {
    Exports(Graph graph, Changes changes) {
        super(graph, changes, Kind.EXPORT, ExportEntry.class);
    }

    @Override
    Item item(Map<String, Object> options, boolean desired) throws BlockException {
        return ExportItem.of(graph(), options, desired);
    }

    @Override
    public void delete(String id, ShutdownMode mode) throws BlockException {
        CompletableFuture<Void> gone;
        synchronized (graph().lock()) {
            ExportItem item = (ExportItem) known(id);
            if (item.state == EntryState.SHUTTING_DOWN && mode != ShutdownMode.HARD) {
                throw new BlockException(
                        Reason.SHUTTING_DOWN, item.nameAtStart() + " is already shutting down");
            }
            if (mode == ShutdownMode.SAFE) {
                item.closeIfUnused();
            }
            gone = graph().endings().end(item, Ending.deleted(mode));
        }
        if (mode == ShutdownMode.SAFE || mode == ShutdownMode.HARD) {
            await(id, gone);
        }
    }
}
