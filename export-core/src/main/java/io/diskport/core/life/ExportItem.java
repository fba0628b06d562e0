package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.Handover;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.export.ExportInfo;
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
            before.take().ifPresent(run::leave);
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
            graph.handovers().drop(run);
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
                    "Cannot export read-only node as writable: "
                            + node.name()
                            + " is read-only; leave out writable=on");
        }
        NodeLink link = node.connect(run, held, Permissions.ALL, new Resized());
        return new Backend(link, common.writethrough(), counters);
    }

    @Override
    void unmake(Run made, Ending why) {
        ExportRun run = (ExportRun) made;
        Pace pace = why.pace();
        run.clients.close();
        try {
            dropClients(run, why);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (why.mode() != ShutdownMode.SOFT) {
            endBackend(run, pace);
        }
        run.backend.awaitEmpty(TimeUnit.MILLISECONDS.toNanos(Pace.SETTLE));
        Bounded.logged(graph.log(), this, "delete", pace.delete(), run.export::delete);
    }

    private void endBackend(ExportRun run, Pace pace) {
        if (run.backend.writable()) {
            Bounded.logged(graph.log(), this, "flush", pace.flush(), run.backend::flush);
        }
        run.backend.end(nameAtStart() + " has ended");
    }

    private void dropClients(ExportRun run, Ending why) throws InterruptedException {
        ShutdownMode mode = why.mode();
        request(run, mode);
        if (mode == ShutdownMode.SOFT) {
            endBackend(run, why.pace());
        }
        if (mode == ShutdownMode.HIDE || mode == ShutdownMode.SOFT) {
            run.clients.awaitNoneOrHardened();
            if (run.clients.count() == 0) {
                return;
            }
            request(run, ShutdownMode.HARD);
        } else {
            run.clients.harden(why.pace().clients());
        }
        run.clients.awaitNone();
    }

    private void request(ExportRun run, ShutdownMode mode) {
        Bounded.logged(
                graph.log(),
                this,
                "shutdown",
                Pace.REQUEST,
                () -> run.export.requestShutdown(mode));
    }

    @Override
    String address(Run made) {
        return info((ExportRun) made).address();
    }

    private ExportInfo info(ExportRun current) {
        try {
            return current.export.info();
        } catch (RuntimeException | LinkageError e) {
            graph.log().log(Level.DEBUG, nameAtStart() + " has no information", e);
            return ExportInfo.NONE;
        }
    }

    @Override
    Optional<Handover> suspend(Run made) {
        return ((ExportRun) made).export.suspend();
    }

    @Override
    void notTakenOver(Run old) {
        ((ExportRun) old).backend.end(nameAtStart() + " has ended");
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
            running.clients.harden(why.pace().clients());
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
                        name()
                                + " still in use by "
                                + running.clients.count()
                                + " client(s); mode hard drops them");
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
        ExportInfo info = current == null ? ExportInfo.NONE : info(current);
        Object writable = given.get("writable");
        return new ExportEntry(
                id(),
                type(),
                given.get(CommonOptions.NODE_NAME) instanceof String name ? name : "",
                Boolean.TRUE.equals(writable) || "on".equals(writable) || "true".equals(writable),
                now,
                graph.lacks().reason(this),
                desired(),
                toShow,
                info,
                counters.snapshot(current == null ? 0 : current.backend.inFlight()),
                current == null ? List.of() : current.clients.list());
    }

    /** Tells the export that runs now that its node has another length. */
    private final class Resized implements ChildListener {
        @Override
        public void lengthChanged(long length) {
            BlockExport export = null;
            synchronized (graph.lock()) {
                if (run instanceof ExportRun current) {
                    export = current.export;
                }
            }
            if (export != null) {
                export.resized(length);
            }
        }
    }
}
