package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.Handover;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.export.Client;
import io.diskport.api.export.ExportContext;
import io.diskport.api.object.BlockObject;
import io.diskport.api.object.IoThread;
import io.diskport.api.options.ObjectRef;
import java.util.Optional;
import java.util.concurrent.Executor;

/** What one run of an export is lent. */
final class ExportRunContext implements ExportContext {
    private final Graph graph;
    private final ExportRun run;
    private final Executor executor;
    private volatile boolean creating = true;

    ExportRunContext(Graph graph, ExportRun run, NodeItem node, CommonOptions.OfExport common)
            throws BlockException {
        this.graph = graph;
        this.run = run;
        Optional<ObjectRef<IoThread>> ioThread = common.iothread();
        this.executor = ioThread.isPresent() ? object(ioThread.get()).executor() : node.executor();
    }

    /** The driver's create has returned. */
    void created() {
        creating = false;
    }

    @Override
    public String id() {
        return run.item().id();
    }

    @Override
    public BlockBackend backend() {
        return run.backend;
    }

    @Override
    public Executor executor() {
        return executor;
    }

    @Override
    public System.Logger log() {
        return new ItemLog(graph.log(), run.item().nameAtStart());
    }

    @Override
    public <T extends BlockObject> T object(ObjectRef<T> reference) throws BlockException {
        return ObjectItem.used(graph, run, reference);
    }

    @Override
    public Optional<Handover> handover() {
        return creating ? run.take() : Optional.empty();
    }

    @Override
    public Client client(String description) throws BlockException {
        return run.clients.register(description, run.backend);
    }

    @Override
    public void ended(Throwable cause) {
        graph.endings().lost(run, cause);
    }
}
