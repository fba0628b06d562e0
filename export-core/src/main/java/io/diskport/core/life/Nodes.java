package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.NodeEntry;
import io.diskport.api.manage.NodeManager;
import java.util.Map;

/** The manager of nodes. */
final class Nodes extends ItemManager<NodeEntry> implements NodeManager {
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
                    Reason.INVALID, "Node '" + nodeName + "' cannot have the length " + length);
        }
        ((NodeItem) known(nodeName)).resize(length);
    }
}
