package io.diskport.testkit.fake;

import io.diskport.api.BlockException;
import io.diskport.api.Handover;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.export.Client;
import io.diskport.api.export.ExportContext;
import io.diskport.api.object.BlockObject;
import io.diskport.api.options.ObjectRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;

/** What core would lend to an export, with the clients that are registered now. */
public final class FakeExportContext implements ExportContext {
    public final List<String> clients = new CopyOnWriteArrayList<>();

    /** What clients tell of themselves. */
    public final Map<String, String> details = new ConcurrentHashMap<>();

    public volatile boolean refusesClients;

    /** Run as a client is registered. */
    public volatile Runnable onClient = () -> {};

    private final String id;
    private final BlockBackend backend;
    private final Executor executor;
    private final Optional<BlockObject> object;
    private final LogLines log;
    private Optional<Handover> handover;

    public FakeExportContext(
            String id,
            BlockBackend backend,
            Executor executor,
            Optional<BlockObject> object,
            LogLines log,
            Optional<Handover> handover) {
        this.id = id;
        this.backend = backend;
        this.executor = executor;
        this.object = object;
        this.log = log;
        this.handover = handover;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public BlockBackend backend() {
        return backend;
    }

    @Override
    public Executor executor() {
        return executor;
    }

    @Override
    public System.Logger log() {
        return log;
    }

    @Override
    @SuppressWarnings("unchecked") // there is one object only
    public <T extends BlockObject> T object(ObjectRef<T> reference) throws BlockException {
        return (T)
                object.orElseThrow(
                        () ->
                                new BlockException(
                                        BlockException.Reason.NOT_FOUND, "there is no object"));
    }

    @Override
    public synchronized Optional<Handover> handover() {
        Optional<Handover> taken = handover;
        handover = Optional.empty();
        return taken;
    }

    @Override
    public Client client(String description) throws BlockException {
        onClient.run();
        if (refusesClients) {
            throw new BlockException(BlockException.Reason.SHUTTING_DOWN, "it ends");
        }
        clients.add(description);
        return new Client() {
            @Override
            public BlockBackend backend() {
                return backend;
            }

            @Override
            public void detail(String name, String value) {
                details.put(name, value);
            }

            @Override
            public void close() {
                clients.remove(description);
            }
        };
    }

    @Override
    public void ended(Throwable cause) {
        throw new AssertionError("the export ended", cause);
    }
}
