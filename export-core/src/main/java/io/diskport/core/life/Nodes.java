package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.NodeEntry;
import io.diskport.api.manage.NodeManager;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** The manager of nodes. */
final class Nodes extends ItemManager<NodeEntry> implements NodeManager {
    private static final long REOPEN_SECONDS = 15;

    private final ReentrantLock reopening = new ReentrantLock();

    Nodes(Graph graph, Changes changes) {
        super(graph, changes, Kind.NODE, NodeEntry.class);
    }

    @Override
    Item item(Map<String, Object> options, boolean desired) throws BlockException {
        return NodeItem.of(graph(), options, desired);
    }

    @Override
    public void delete(String nodeName) throws BlockException {
        deleteUnused(nodeName);
    }

    @Override
    public void resize(String nodeName, long length) throws BlockException {
        if (length < 0) {
            throw new BlockException(
                    Reason.INVALID,
                    "Parameter 'size' expects a >0 size: node '"
                            + nodeName
                            + "' cannot have the length "
                            + length);
        }
        ((NodeItem) known(nodeName)).resize(length);
    }

    @Override
    public void reopen(List<? extends Map<String, ?>> definitions) throws BlockException {
        try {
            if (!reopening.tryLock(REOPEN_SECONDS, TimeUnit.SECONDS)) {
                throw new BlockException(
                        Reason.IN_USE,
                        "Nodes are not reopened: another reopening goes on; try again");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BlockException(Reason.FAILED, "Interrupted while reopening nodes", e);
        }
        try {
            Reopening.perform(graph(), definitions);
        } finally {
            reopening.unlock();
        }
    }
}
