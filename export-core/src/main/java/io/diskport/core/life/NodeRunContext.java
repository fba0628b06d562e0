package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.node.BlockChild;
import io.diskport.api.node.ChildListener;
import io.diskport.api.node.NodeContext;
import io.diskport.api.node.NodeSettings;
import io.diskport.api.node.Permissions;
import io.diskport.api.object.BlockObject;
import io.diskport.api.options.NodeRef;
import io.diskport.api.options.ObjectRef;
import java.util.concurrent.Executor;

/** What one run of a node is lent. */
final class NodeRunContext implements NodeContext {
    private final Graph graph;
    private final NodeRun run;
    private final NodeSettings settings;
    private volatile boolean opening = true;

    NodeRunContext(Graph graph, NodeRun run, NodeSettings settings) {
        this.graph = graph;
        this.run = run;
        this.settings = settings;
    }

    /** The driver's open has returned. */
    void opened() {
        opening = false;
    }

    /** The same for a node that is open already, and opens no children. */
    NodeRunContext closed() {
        opening = false;
        return this;
    }

    @Override
    public String nodeName() {
        return run.item().id();
    }

    @Override
    public NodeSettings settings() {
        return settings;
    }

    @Override
    public BlockChild open(
            NodeRef child, Permissions held, Permissions shared, ChildListener listener)
            throws BlockException {
        NodeItem item = NodeItem.running(graph, child.nodeName());
        boolean protectedByRun;
        synchronized (graph.lock()) {
            protectedByRun = run.uses.contains(item);
        }
        if (!opening || !protectedByRun) {
            throw new BlockException(
                    Reason.INVALID,
                    "Node '"
                            + nodeName()
                            + "' may open a child that its options refer to, and only while it is"
                            + " opened itself");
        }
        return item.connect(run, held, shared, listener);
    }

    @Override
    public <T extends BlockObject> T object(ObjectRef<T> reference) throws BlockException {
        return ObjectItem.used(graph, run, reference);
    }

    @Override
    public Executor executor() {
        return run.workers();
    }

    @Override
    public System.Logger log() {
        return new ItemLog(graph.log(), run.item().nameAtStart());
    }

    @Override
    public void lengthChanged(long length) {
        PermissionKeeper keeper = run.keeper;
        if (keeper != null) {
            keeper.lengthChanged(length);
        }
    }

    @Override
    public void limitsChanged() {
        PermissionKeeper keeper = run.keeper;
        if (keeper != null) {
            keeper.limitsChanged();
        }
    }

    @Override
    public void ended(Throwable cause) {
        graph.endings().lost(run, cause);
    }
}
