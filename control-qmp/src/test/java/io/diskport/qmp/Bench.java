package io.diskport.qmp;

import io.diskport.api.BlockException;
import io.diskport.api.Handover;
import io.diskport.api.object.BlockObject;
import io.diskport.api.object.ObjectContext;
import io.diskport.api.options.ObjectRef;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** A daemon of fakes around what is tested, with as many monitors as are asked for. */
final class Bench implements AutoCloseable, Engine.Daemon {
    final FakeManager.Exports exports = new FakeManager.Exports();
    final FakeManager.Nodes nodes = new FakeManager.Nodes();
    final FakeManager.Objects objects = new FakeManager.Objects();
    final FakeDrivers drivers = new FakeDrivers();
    final Engine engine = new Engine(this, exports, nodes, objects, drivers);
    private final AtomicBoolean ending = new AtomicBoolean();
    private final List<AutoCloseable> parts = new ArrayList<>();

    @Override
    public List<Integer> version() {
        return List.of(1, 2, 3);
    }

    /** Ends exports one by one and all monitors, beside the caller. */
    @Override
    public void end() {
        ending.set(true);
        Thread end =
                new Thread(
                        () -> {
                            try {
                                for (AutoCloseable part : List.copyOf(parts)) {
                                    if (part instanceof QmpMonitor monitor) {
                                        monitor.close();
                                    }
                                }
                                for (var export : exports.list()) {
                                    exports.delete(
                                            export.id(), io.diskport.api.export.ShutdownMode.HARD);
                                }
                            } catch (BlockException e) {
                                throw new IllegalStateException(e);
                            }
                        });
        end.start();
    }

    @Override
    public boolean isEnding() {
        return ending.get();
    }

    QmpMonitor listen(String id, Path socket) throws BlockException {
        return monitor(id, ListeningClients.at(new MonitorAddress.Unix(socket)), false);
    }

    QmpMonitor monitor(String id, Clients clients, boolean pretty) {
        QmpMonitor monitor = new QmpMonitor(new Context(id), clients, pretty, engine);
        parts.add(monitor);
        monitor.start();
        return monitor;
    }

    Peer connect(Path socket) throws Exception {
        Peer peer = Peer.connect(socket);
        parts.add(peer);
        return peer;
    }

    /** A client that is through with the negotiation. */
    Peer client(Path socket) throws Exception {
        Peer peer = connect(socket);
        peer.line();
        peer.ask("{'execute':'qmp_capabilities'}");
        return peer;
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable part : parts) {
            part.close();
        }
        engine.close();
        exports.close();
        nodes.close();
        objects.close();
    }

    private record Context(String id) implements ObjectContext {
        @Override
        public <T extends BlockObject> T object(ObjectRef<T> reference) {
            throw new UnsupportedOperationException();
        }

        @Override
        public System.Logger log() {
            return System.getLogger("test");
        }

        @Override
        public Optional<Handover> handover() {
            return Optional.empty();
        }

        @Override
        public void ended(Throwable cause) {
            throw new AssertionError(cause);
        }
    }

    static Map<String, Object> file(String name) {
        return Map.of("driver", "file", "node-name", name, "filename", "/" + name + ".raw");
    }
}
