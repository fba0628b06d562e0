package io.diskport.qmp;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.export.ExportInfo;
import io.diskport.api.export.Latency;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.BlockStats;
import io.diskport.api.manage.ClientEntry;
import io.diskport.api.manage.Entry;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.ExportEntry;
import io.diskport.api.manage.ExportManager;
import io.diskport.api.manage.Manager;
import io.diskport.api.manage.NodeEntry;
import io.diskport.api.manage.NodeManager;
import io.diskport.api.manage.ObjectEntry;
import io.diskport.api.manage.ObjectManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Holds entries, and tells of changes later and on another thread, as core does. */
abstract class FakeManager<E extends Entry> implements Manager<E>, AutoCloseable {
    final List<Consumer<Change<E>>> listeners = new CopyOnWriteArrayList<>();
    private final Map<String, E> entries = new TreeMap<>();
    private final ExecutorService changes = Executors.newSingleThreadExecutor();

    abstract E entry(Map<String, ?> options, EntryState state);

    abstract BlockException exists(String id);

    @Override
    public E add(Map<String, ?> options) throws BlockException {
        E entry = entry(options, EntryState.RUNNING);
        synchronized (this) {
            if (entries.putIfAbsent(entry.id(), entry) != null) {
                throw exists(entry.id());
            }
        }
        if (options.containsKey("fails")) {
            remove(entry.id(), entry(options, EntryState.STARTING));
            throw new BlockException(Reason.FAILED, "it fails");
        }
        tell(entry, false);
        return entry;
    }

    /** Takes it out, and tells that it is gone; it looked so at last. */
    void remove(String id, E last) {
        synchronized (this) {
            entries.remove(id);
        }
        tell(last, true);
    }

    synchronized void replace(E entry) {
        entries.put(entry.id(), entry);
    }

    void tell(E entry, boolean gone) {
        changes.execute(
                () -> listeners.forEach(listener -> listener.accept(new Change<>(entry, gone))));
    }

    @Override
    public synchronized List<E> list() {
        return List.copyOf(entries.values());
    }

    @Override
    public synchronized Optional<E> find(String id) {
        return Optional.ofNullable(entries.get(id));
    }

    E known(String id) throws BlockException {
        return find(id).orElseThrow(
                        () -> new BlockException(Reason.NOT_FOUND, "'" + id + "' is not found"));
    }

    @Override
    public AutoCloseable watch(Consumer<Change<E>> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public void close() {
        changes.shutdownNow();
    }

    static String text(Map<String, ?> options, String name) {
        return options.get(name) instanceof String text ? text : "";
    }

    static final class Exports extends FakeManager<ExportEntry> implements ExportManager {
        final List<String> calls = new CopyOnWriteArrayList<>();

        /** Whether clients of exports stay for a while. */
        volatile boolean clients;

        /** Until when. */
        final CountDownLatch clientsGone = new CountDownLatch(1);

        @Override
        ExportEntry entry(Map<String, ?> options, EntryState state) {
            return new ExportEntry(
                    text(options, "id"),
                    text(options, "type"),
                    text(options, "node-name"),
                    Boolean.TRUE.equals(options.get("writable")),
                    state,
                    "",
                    false,
                    Map.copyOf(options),
                    ExportInfo.NONE,
                    new BlockStats(
                            0, 0, 0, 0, 0, 0, 0, 0, Latency.NONE, Latency.NONE, Latency.NONE),
                    clients ? List.of(new ClientEntry("somebody", Map.of(), 0, 0)) : List.of());
        }

        @Override
        BlockException exists(String id) {
            return new BlockException(
                    Reason.EXISTS, "Block export id '" + id + "' is already in use");
        }

        /** What core would look for. */
        volatile boolean lacksSomething;

        @Override
        public ExportEntry add(Map<String, ?> options) throws BlockException {
            if (lacksSomething) {
                throw new BlockException(Reason.NOT_FOUND, "something is not there");
            }
            return super.add(options);
        }

        @Override
        public void delete(String id, ShutdownMode mode) throws BlockException {
            calls.add("delete " + id + " " + mode);
            ExportEntry there = known(id);
            if (mode == ShutdownMode.SAFE && clients) {
                throw new BlockException(Reason.IN_USE, "export '" + id + "' still in use");
            }
            ExportEntry ending = entry(there.options(), EntryState.SHUTTING_DOWN);
            replace(ending);
            tell(ending, false);
            if (clients) {
                try {
                    clientsGone.await(10, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            remove(id, ending);
        }
    }

    static final class Nodes extends FakeManager<NodeEntry> implements NodeManager {
        final List<String> calls = new ArrayList<>();

        @Override
        NodeEntry entry(Map<String, ?> options, EntryState state) {
            return new NodeEntry(
                    text(options, "node-name"),
                    text(options, "driver"),
                    1 << 20,
                    4096,
                    Boolean.TRUE.equals(options.get("read-only")),
                    state,
                    "",
                    false,
                    Map.copyOf(options),
                    Map.of(),
                    options.get("file") instanceof String file ? List.of(file) : List.of(),
                    List.of());
        }

        @Override
        BlockException exists(String id) {
            return new BlockException(Reason.EXISTS, "Duplicate nodes with node-name='" + id + "'");
        }

        @Override
        public void delete(String nodeName) throws BlockException {
            remove(nodeName, known(nodeName));
        }

        @Override
        public void resize(String nodeName, long length) {
            calls.add("resize " + nodeName + " " + length);
        }

        @Override
        public void reopen(List<? extends Map<String, ?>> definitions) {
            calls.add("reopen " + definitions);
        }
    }

    static final class Objects extends FakeManager<ObjectEntry> implements ObjectManager {
        @Override
        ObjectEntry entry(Map<String, ?> options, EntryState state) {
            return new ObjectEntry(
                    text(options, "id"),
                    text(options, "qom-type"),
                    state,
                    "",
                    false,
                    Map.copyOf(options),
                    Map.of(),
                    List.of());
        }

        @Override
        BlockException exists(String id) {
            return new BlockException(Reason.EXISTS, "Object '" + id + "' exists already");
        }

        @Override
        public void delete(String id) throws BlockException {
            remove(id, known(id));
        }
    }
}
