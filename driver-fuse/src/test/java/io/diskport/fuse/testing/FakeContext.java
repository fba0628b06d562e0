package io.diskport.fuse.testing;

import io.diskport.api.BlockException;
import io.diskport.api.Handover;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.export.Client;
import io.diskport.api.export.ExportContext;
import io.diskport.api.object.BlockObject;
import io.diskport.api.options.ObjectRef;
import java.util.List;
import java.util.Optional;
import java.util.ResourceBundle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;

/** What core would lend to an export, with what happened to it. */
public final class FakeContext implements ExportContext {
    public final List<String> clients = new CopyOnWriteArrayList<>();
    public final List<String> lines = new CopyOnWriteArrayList<>();
    public final CompletableFuture<Throwable> ended = new CompletableFuture<>();
    public volatile boolean refuseClients;

    private final BlockBackend backend;

    public FakeContext(BlockBackend backend) {
        this.backend = backend;
    }

    @Override
    public String id() {
        return "test";
    }

    @Override
    public BlockBackend backend() {
        return backend;
    }

    @Override
    public Executor executor() {
        return Runnable::run;
    }

    @Override
    public System.Logger log() {
        return new Lines();
    }

    @Override
    public <T extends BlockObject> T object(ObjectRef<T> reference) throws BlockException {
        throw new BlockException(BlockException.Reason.NOT_FOUND, reference.id());
    }

    @Override
    public Optional<Handover> handover() {
        return Optional.empty();
    }

    @Override
    public Client client(String description) throws BlockException {
        if (refuseClients) {
            throw new BlockException(BlockException.Reason.SHUTTING_DOWN, "ends");
        }
        clients.add(description);
        return new Client() {
            @Override
            public BlockBackend backend() {
                return backend;
            }

            @Override
            public void detail(String name, String value) {}

            @Override
            public void close() {
                clients.remove(description);
            }
        };
    }

    @Override
    public void ended(Throwable cause) {
        ended.complete(cause);
    }

    private final class Lines implements System.Logger {
        @Override
        public String getName() {
            return "test";
        }

        @Override
        public boolean isLoggable(Level level) {
            return true;
        }

        @Override
        public void log(Level level, ResourceBundle texts, String message, Throwable thrown) {
            lines.add(level + " " + message + " " + thrown);
        }

        @Override
        public void log(Level level, ResourceBundle texts, String format, Object... values) {
            lines.add(level + " " + java.text.MessageFormat.format(format, values));
        }
    }
}
