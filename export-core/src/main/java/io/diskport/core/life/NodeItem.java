package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.NodeEntry;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.node.ChildListener;
import io.diskport.api.node.NodeSettings;
import io.diskport.api.node.Permissions;
import io.diskport.core.io.NodeIo;
import io.diskport.core.io.NodeLink;
import io.diskport.core.options.RecordBinder;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/** A node that somebody asked for. */
final class NodeItem extends Item {
    private static final long LOOK_AGAIN_MILLIS = 1000;

    private final Graph graph;

    private NodeItem(
            Graph graph, String id, String driver, Map<String, Object> options, boolean desired) {
        super(Kind.NODE, id, driver, options, desired);
        this.graph = graph;
    }

    static NodeItem of(Graph graph, Map<String, Object> options, boolean desired)
            throws BlockException {
        CommonOptions.id(Kind.NODE, options);
        return inside(graph, options, desired);
    }

    /** A node defined inside another's options; its name may be one that core made. */
    static NodeItem inside(Graph graph, Map<String, Object> options, boolean desired)
            throws BlockException {
        String name = CommonOptions.text(Kind.NODE, options, CommonOptions.NODE_NAME);
        String driver = CommonOptions.text(Kind.NODE, options, CommonOptions.typeKey(Kind.NODE));
        return new NodeItem(graph, name, driver, options, desired);
    }

    /** The node of that name. */
    static NodeItem known(Graph graph, String name) throws BlockException {
        return (NodeItem)
                graph.find(Kind.NODE, name)
                        .orElseThrow(() -> ItemManager.unknown(graph, Kind.NODE, name));
    }

    /** The node of that name, which the caller's run protects. */
    static NodeItem running(Graph graph, String name) throws BlockException {
        return (NodeItem)
                graph.find(Kind.NODE, name)
                        .orElseThrow(
                                () ->
                                        new BlockException(
                                                Reason.NOT_FOUND,
                                                "Cannot find node '" + name + "'"));
    }

    @Override
    Run newRun(DriverRef driver) {
        return new NodeRun(this, driver);
    }

    @Override
    void make(Run made, Map<String, Object> given) throws BlockException {
        NodeRun run = (NodeRun) made;
        BlockNodeDriver<Record> driver = run.driver().nodes();
        Bound bound = bind(run.driver(), given);
        NodeSettings settings = bound.settings();
        Record own = bound.own();
        NodeRunContext context = new NodeRunContext(graph, run, settings);
        BlockNode node;
        try {
            node = driver.open(context, own);
        } finally {
            context.opened();
        }
        NodeIo io;
        try {
            io = new NodeIo(node, settings);
        } catch (RuntimeException | Error e) {
            node.close();
            throw e;
        }
        run.node = node;
        run.keeper =
                new PermissionKeeper(
                        id(), io, run.links, trouble -> graph.log().log(Level.WARNING, trouble));
        run.io = io;
    }

    /** Options as records: for one use, for they hold a class of the driver. */
    record Bound(NodeSettings settings, Record own) {}

    Bound bind(DriverRef driver, Map<String, Object> given) throws BlockException {
        RecordBinder binder =
                new RecordBinder(
                        "node driver '" + type() + "'", given, CommonOptions.types(driver));
        binder.bind(CommonOptions.OfNode.class);
        return new Bound(
                binder.bind(NodeSettings.class), binder.bind(driver.nodes().optionsType()));
    }

    /** Options as they may be shown; they have been bound before. */
    Map<String, Object> shown(DriverRef driver, Map<String, Object> given) {
        try {
            return CommonOptions.withoutSecrets(given, CommonOptions.types(driver));
        } catch (BlockException e) {
            graph.log().log(Level.WARNING, nameAtStart() + " cannot be shown: " + e.getMessage());
            return Map.of();
        }
    }

    /** Connects a user whose run protects this node. */
    NodeLink connect(Run user, Permissions held, Permissions shared, ChildListener listener)
            throws BlockException {
        NodeRun current = current();
        NodeLink link =
                new NodeLink(user.item().name(), id(), current.io, current.keeper, listener);
        current.keeper.add(link, held, shared);
        user.links.add(link);
        return link;
    }

    boolean isReadOnly() throws BlockException {
        return current().io.readOnly();
    }

    Executor executor() throws BlockException {
        return current().workers();
    }

    NodeRun current() throws BlockException {
        synchronized (graph.lock()) {
            if (run instanceof NodeRun current && current.made) {
                return current;
            }
        }
        throw new BlockException(Reason.UNAVAILABLE, nameAtStart() + " is not open");
    }

    /** Changes the length, unless a user does not share that. */
    void resize(long length) throws BlockException {
        NodeRun current = current();
        if (current.io.readOnly()) {
            throw new BlockException(
                    Reason.DENIED, "Image is read-only: " + name() + " cannot be resized");
        }
        NodeLink link =
                new NodeLink(
                        "the resizing of " + name(),
                        id(),
                        current.io,
                        current.keeper,
                        ChildListener.NONE);
        Permissions held = new Permissions(false, false, true);
        current.keeper.add(link, held, Permissions.ALL);
        try {
            link.truncate(length);
        } catch (BlockIOException e) {
            boolean never = e.errno() == Errno.EOPNOTSUPP;
            throw new BlockException(
                    never ? Reason.UNSUPPORTED : Reason.FAILED,
                    (never
                                    ? "Image format driver does not support resize: " + name()
                                    : nameAtStart())
                            + " cannot be resized to "
                            + length
                            + ": "
                            + e.getMessage(),
                    e);
        } finally {
            link.close();
        }
    }

    @Override
    void unmake(Run made, Ending why) {
        NodeRun run = (NodeRun) made;
        run.endWorkers();
        if (!run.io.readOnly()) {
            Bounded.logged(graph.log(), this, "flush", why.pace().flush(), run.node::flush);
        }
        closeWhenUnused(run, why.pace().delete(), true);
    }

    /** Closes the node; as long as a request hangs in it, that would pull it from under it. */
    private void closeWhenUnused(NodeRun run, long millis, boolean first) {
        if (!run.keeper.hangs()) {
            Bounded.logged(graph.log(), this, "close", millis, run.node::close);
            return;
        }
        if (first) {
            graph.log().log(
                    Level.WARNING,
                    nameAtStart() + ": a request hangs in it; it is closed when that returns");
        }
        graph.after(
                LOOK_AGAIN_MILLIS,
                () -> Bounded.start("close-" + id(), () -> closeWhenUnused(run, millis, false)));
    }

    @Override
    NodeEntry entry() {
        NodeRun current;
        EntryState now;
        Map<String, Object> toShow;
        List<String> children;
        synchronized (graph.lock()) {
            current = run instanceof NodeRun made && state == EntryState.RUNNING ? made : null;
            now = state;
            toShow = shown;
            children =
                    run == null
                            ? List.of()
                            : run.uses.stream()
                                    .filter(used -> used.kind() == Kind.NODE)
                                    .map(Item::id)
                                    .toList();
        }
        long length = -1;
        long allocated = -1;
        Map<String, String> details = Map.of();
        List<String> usedBy = List.of();
        if (current != null) {
            usedBy =
                    current.keeper.links().stream()
                            .map(link -> link.user() + " (" + link.held() + ")")
                            .toList();
            try {
                length = current.node.length();
                allocated = current.node.allocatedLength();
                details = current.node.info();
            } catch (RuntimeException | LinkageError e) {
                graph.log().log(Level.DEBUG, nameAtStart() + " has no information", e);
            }
        }
        return new NodeEntry(
                id(),
                type(),
                length,
                allocated,
                current != null && current.io.readOnly(),
                now,
                graph.lacks().reason(this),
                desired(),
                toShow,
                details,
                children,
                usedBy);
    }
}
