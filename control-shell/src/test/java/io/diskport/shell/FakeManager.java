package io.diskport.shell;

import io.diskport.api.BlockException;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.Entry;
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
import java.util.function.Consumer;

/** Shows given entries, and writes down what it is asked to do. */
abstract class FakeManager<E extends Entry> implements Manager<E> {
    final List<E> entries = new ArrayList<>();
    final List<String> calls = new ArrayList<>();

    /** Refuses everything with this message, if there is one. */
    String refusal = "";

    FakeManager(List<E> entries) {
        this.entries.addAll(entries);
    }

    @Override
    public E add(Map<String, ?> options) throws BlockException {
        call("add " + options);
        return entries.get(0);
    }

    @Override
    public List<E> list() {
        return entries;
    }

    @Override
    public Optional<E> find(String id) {
        return entries.stream().filter(entry -> entry.id().equals(id)).findFirst();
    }

    @Override
    public AutoCloseable watch(Consumer<Change<E>> listener) {
        return () -> {};
    }

    void call(String what) throws BlockException {
        calls.add(what);
        if (!refusal.isEmpty()) {
            throw new BlockException(BlockException.Reason.FAILED, refusal);
        }
    }

    static final class Exports extends FakeManager<ExportEntry> implements ExportManager {
        Exports(ExportEntry... entries) {
            super(List.of(entries));
        }

        @Override
        public void delete(String id, ShutdownMode mode) throws BlockException {
            call("delete " + id + " " + mode);
            if (mode == ShutdownMode.SAFE || mode == ShutdownMode.HARD) {
                entries.removeIf(entry -> entry.id().equals(id));
            }
        }
    }

    static final class Nodes extends FakeManager<NodeEntry> implements NodeManager {
        Nodes(NodeEntry... entries) {
            super(List.of(entries));
        }

        @Override
        public void delete(String nodeName) throws BlockException {
            call("delete " + nodeName);
        }

        @Override
        public void resize(String nodeName, long length) throws BlockException {
            call("resize " + nodeName + " " + length);
        }

        @Override
        public void reopen(List<? extends Map<String, ?>> definitions) throws BlockException {
            call("reopen " + definitions);
        }
    }

    static final class Objects extends FakeManager<ObjectEntry> implements ObjectManager {
        Objects(ObjectEntry... entries) {
            super(List.of(entries));
        }

        @Override
        public void delete(String id) throws BlockException {
            call("delete " + id);
        }
    }
}
