package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.export.ExportInfo;
import io.diskport.api.export.Handover;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.ExportEntry;
import io.diskport.api.manage.Kind;
import io.diskport.api.node.ChildListener;
import io.diskport.api.node.Permissions;
import io.diskport.core.io.Backend;
import io.diskport.core.io.Counters;
import io.diskport.core.io.NodeLink;
import io.diskport.core.options.RecordBinder;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** An export that somebody asked for. */
final class ExportItem extends Item {
    /** How long a hand-over is kept for the driver's next version. */
    static final long HANDOVER_MILLIS = 30_000;

    private static final long REQUEST_MILLIS = 1000;
    private static final long SUSPEND_MILLIS = 4000;

    private final Graph graph;
    private final Counters counters = new Counters();

    private ExportItem(
            Graph graph, String id, String type, Map<String, Object> options, boolean desired) {
        super(Kind.EXPORT, id, type, options, desired);
        this.graph = graph;
    }

    static ExportItem of(Graph graph, Map<String, Object> options, boolean desired)
            throws BlockException {
        String type = CommonOptions.text(Kind.EXPORT, options, CommonOptions.typeKey(Kind.EXPORT));
        String id = CommonOptions.id(Kind.EXPORT, options);
        return new ExportItem(graph, id, type, options, desired);
    }

    @Override
    Run newRun(DriverRef driver) {
        return new ExportRun(this, driver);
    }

    @Override
    void make(Run made, Map<String, Object> given) throws BlockException {
        ExportRun run = (ExportRun) made;
        BlockExportDriver<Record> driver = run.driver().exports();
        RecordBinder binder =
                new RecordBinder(
                        "export type '" + type() + "'", given, CommonOptions.types(run.driver()));
        CommonOptions.OfExport common = binder.bind(CommonOptions.OfExport.class);
        Record own = binder.bind(driver.optionsType());
        NodeItem node = NodeItem.running(graph, common.nodeName().nodeName());
        if (run.inherits instanceof ExportRun before) {
            run.links.addAll(before.links);
            before.links.clear();
            run.backend = before.backend;
            run.leave(before.take());
        } else {
            run.backend = open(run, node, driver.permissions(own, common.writable()), common);
        }
        ExportRunContext context = new ExportRunContext(graph, run, node, common);
        boolean created = false;
        try {
            run.export = driver.create(context, own);
            created = true;
        } finally {
            context.created();
            dropHandover(run);
            if (!created) {
                run.backend.end(nameAtStart() + " was not started");
            }
        }
    }

    private Backend open(
            ExportRun run, NodeItem node, Permissions held, CommonOptions.OfExport common)
            throws BlockException {
        if (common.writable() && node.isReadOnly()) {
            throw new BlockException(
                    Reason.DENIED,
                    "Node '"
                            + node.id()
                            + "' is read-only and cannot be exported as writable; leave out"
                            + " writable=on");
        }
        NodeLink link = node.connect(run, held, Permissions.ALL, new Resized(run));
        return new Backend(link, common.writethrough(), counters);
    }

    @Override
    void unmake(Run made, Ending why) {
        ExportRun run = (ExportRun) made;
        if (why.replacement() && suspend(run)) {
            return;
        }
        run.clients.close();
        try {
            dropClients(run, why);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Backend backend = run.backend;
        if (backend.writable()) {
            bounded("flush", Ending.FLUSH_MILLIS, backend::flush);
        }
        backend.end(nameAtStart() + " has ended");
        backend.awaitEmpty(TimeUnit.MILLISECONDS.toNanos(Ending.SETTLE_MILLIS));
        bounded("delete", Ending.DELETE_MILLIS, run.export::delete);
    }

    private void dropClients(ExportRun run, Ending why) throws InterruptedException {
        ShutdownMode mode = why.mode();
        request(run, mode);
        if (mode == ShutdownMode.SOFT) {
            run.backend.end(nameAtStart() + " is shutting down");
        }
        if (mode == ShutdownMode.HIDE || mode == ShutdownMode.SOFT) {
            run.clients.awaitNoneOrHardened();
            if (run.clients.count() == 0) {
                return;
            }
            request(run, ShutdownMode.HARD);
        } else {
            run.clients.harden(why.clientMillis());
        }
        run.clients.awaitNone();
    }

    private void request(ExportRun run, ShutdownMode mode) {
        bounded("shutdown", REQUEST_MILLIS, () -> run.export.requestShutdown(mode));
    }

    /** Has the driver leave what clients hold; whether it did. */
    private boolean suspend(ExportRun run) {
        BlockExport export = run.export;
        bounded(
                "suspend",
                SUSPEND_MILLIS,
                () -> {
                    Optional<Handover> left = export.suspend();
                    left.ifPresent(run::leave);
                });
        synchronized (run) {
            Handover left = run.take();
            if (left == null) {
                return false;
            }
            run.leave(left);
        }
        synchronized (graph.lock()) {
            run.handedOver = true;
        }
        graph.log().log(Level.INFO, nameAtStart() + " is kept for its driver's next version");
        graph.after(HANDOVER_MILLIS, () -> expire(run));
        return true;
    }

    private void expire(Run run) {
        synchronized (graph.lock()) {
            if (kept != run) {
                return;
            }
        }
        graph.log().log(
                Level.WARNING, nameAtStart() + ": no next version of its driver came in time");
        graph.end(this, Ending.waiting("its driver has left", 0));
    }

    @Override
    void dropHandover(Run old) {
        ExportRun run = (ExportRun) old;
        Handover left = run.take();
        if (left != null) {
            closeAll(left.state());
        }
        if (run.handedOver) {
            run.backend.end(nameAtStart() + " has ended");
        }
    }

    private void closeAll(Object value) {
        if (value instanceof Map<?, ?> map) {
            map.values().forEach(this::closeAll);
        } else if (value instanceof Iterable<?> values) {
            values.forEach(this::closeAll);
        } else if (value instanceof AutoCloseable closeable) {
            bounded("close", Ending.DELETE_MILLIS, closeable::close);
        }
    }

    @Override
    void harden(Ending why) {
        if (why.mode() != ShutdownMode.HARD && why.mode() != ShutdownMode.SAFE) {
            return;
        }
        Run current;
        synchronized (graph.lock()) {
            current = run;
        }
        if (current instanceof ExportRun running) {
            running.clients.harden(why.clientMillis());
        }
    }

    /** Calls the driver; what it throws, or that it takes too long, is logged and left. */
    private void bounded(String what, long millis, Bounded.Action action) {
        try {
            Bounded.run(what + "-" + id(), millis, action);
        } catch (Exception e) {
            graph.log().log(
                    Level.WARNING,
                    nameAtStart()
                            + ": "
                            + what
                            + (e instanceof java.util.concurrent.TimeoutException
                                    ? " takes longer than " + millis + " ms; left behind"
                                    : " failed: " + e.getMessage()));
        }
    }

    /** Refuses unless no client uses it and no request is in flight; takes no clients then. */
    void closeIfUnused() throws BlockException {
        if (run instanceof ExportRun running && running.made) {
            boolean none = running.clients.closeIfNone();
            if (none && running.backend.inFlight() > 0) {
                running.clients.reopen();
                none = false;
            }
            if (!none) {
                throw new BlockException(
                        Reason.IN_USE,
                        nameAtStart()
                                + " is still in use by "
                                + running.clients.count()
                                + " client(s); mode=hard drops them");
            }
        }
    }

    @Override
    ExportEntry entry() {
        ExportRun current;
        EntryState now;
        Map<String, Object> given;
        Map<String, Object> toShow;
        synchronized (graph.lock()) {
            current = run instanceof ExportRun made && made.made ? made : null;
            now = state;
            given = options;
            toShow = shown;
        }
        ExportInfo info = ExportInfo.NONE;
        if (current != null) {
            try {
                info = current.export.info();
            } catch (RuntimeException | LinkageError e) {
                graph.log().log(Level.DEBUG, nameAtStart() + " has no information", e);
            }
        }
        Object writable = given.get("writable");
        return new ExportEntry(
                id(),
                type(),
                String.valueOf(given.getOrDefault(CommonOptions.NODE_NAME, "")),
                Boolean.TRUE.equals(writable) || "on".equals(writable) || "true".equals(writable),
                now,
                graph.reason(this),
                desired(),
                toShow,
                info,
                counters.snapshot(current == null ? 0 : current.backend.inFlight()),
                current == null ? List.of() : current.clients.list());
    }

    /** Tells the export that its node has another length. */
    private record Resized(ExportRun run) implements ChildListener {
        @Override
        public void lengthChanged(long length) {
            BlockExport export = run.export;
            if (export != null) {
                export.resized(length);
            }
        }
    }
}
