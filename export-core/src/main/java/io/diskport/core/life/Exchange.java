package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.node.Permissions;
import io.diskport.core.io.NodeLink;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What an open node refers to, exchanged for another one while its requests are parked. The driver
 * keeps its connection to a child, which leads to the other node then.
 */
final class Exchange {
    private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long FLUSH_MILLIS = 5_000;

    private final Graph graph;
    private final NodeRun run;
    private final Item before;
    private final Item now;
    private final Optional<NodeLink> link;
    private boolean protects;
    private Optional<NodeRun> left = Optional.empty();
    private Optional<NodeRun> taken = Optional.empty();

    /**
     * An exchange to come.
     *
     * @param run the node that refers
     * @param link its connection, if it refers to a node
     */
    Exchange(Graph graph, NodeRun run, Item before, Item now, Optional<NodeLink> link) {
        this.graph = graph;
        this.run = run;
        this.before = before;
        this.now = now;
        this.link = link;
    }

    /** Refers to the other one from now on; if it throws, {@link #undo} is still to be called. */
    void perform() throws BlockException {
        synchronized (graph.lock()) {
            if (now == run.item() || Reopening.uses(now, run.item())) {
                throw new BlockException(
                        Reason.INVALID,
                        "Making '"
                                + now.id()
                                + "' a file child of '"
                                + run.item().id()
                                + "' would create a cycle: it stands on it already");
            }
            boolean there = run.uses.contains(now);
            if (!References.protect(graph, run, now)) {
                throw new BlockException(Reason.UNAVAILABLE, graph.lacks().needs(run.item(), now));
            }
            protects = !there;
        }
        if (link.isPresent()) {
            exchange(link.get(), ((NodeItem) before).current(), ((NodeItem) now).current());
        }
    }

    private void exchange(NodeLink connection, NodeRun from, NodeRun to) throws BlockException {
        Permissions held = connection.held();
        if ((held.write() || held.resize()) && to.io.readOnly()) {
            throw new BlockException(
                    Reason.DENIED,
                    "Block node is read-only: "
                            + now.name()
                            + " is not for "
                            + run.item().name()
                            + ", which is written to");
        }
        flush(from);
        try {
            if (!connection.drain(DRAIN_NANOS) || connection.holdsLease()) {
                throw new BlockException(
                        Reason.IN_USE,
                        run.item().nameAtStart()
                                + " is not reopened: its requests to "
                                + before.name()
                                + " do not end");
            }
            to.keeper.add(connection, held, connection.shared());
            taken = Optional.of(to);
            left = Optional.of(from);
            connection.redirect(now.id(), to.io, to.keeper);
        } finally {
            connection.resume();
        }
    }

    /** A later flush reaches only the other node. */
    private void flush(NodeRun from) throws BlockException {
        if (from.io.readOnly()) {
            return;
        }
        String failed = run.item().nameAtStart() + " is not reopened: " + before.name();
        try {
            Bounded.run("flush-" + before.id(), FLUSH_MILLIS, from.node::flush);
        } catch (TimeoutException e) {
            throw new BlockException(Reason.FAILED, failed + " is not flushed in time", e);
        } catch (Exception e) {
            throw new BlockException(
                    Reason.FAILED, failed + " cannot be flushed: " + e.getMessage(), e);
        }
    }

    /** Refers to the first one again, as far as that was changed; requests are still parked. */
    void undo() {
        if (taken.isPresent()) {
            NodeRun from = left.get();
            NodeLink connection = link.get();
            // What the driver has asked of it meanwhile has returned.
            connection.redirect(before.id(), from.io, from.keeper);
            left = taken;
        }
        synchronized (graph.lock()) {
            if (protects) {
                release(now);
            }
        }
        departs();
    }

    /** Gives up the one that it referred to; requests go on already. */
    void settle() {
        departs();
        boolean mine;
        synchronized (graph.lock()) {
            release(before);
            mine = before.users.isEmpty() && run.item().owned.remove(before);
        }
        if (mine) {
            Bounded.awaitAll(
                    List.of(graph.endings().end(before, Ending.deleted(ShutdownMode.HARD))),
                    Graph.CALLBACK_MILLIS);
        }
        graph.changes().changed(before);
        graph.changes().changed(now);
    }

    private void departs() {
        left.ifPresent(old -> old.keeper.departed(link.get()));
        left = Optional.empty();
    }

    /** Under the graph's lock. */
    private void release(Item item) {
        run.uses.remove(item);
        item.users.remove(run);
    }
}
