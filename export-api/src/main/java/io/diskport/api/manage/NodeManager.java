package io.diskport.api.manage;

import io.diskport.api.BlockException;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/** Adds, deletes and shows nodes. A service. */
@ProviderType
public interface NodeManager extends Manager<NodeEntry> {
    /**
     * Closes a node and returns when it is gone.
     *
     * @throws BlockException if there is none of that name, or it is used; the message names who
     */
    void delete(String nodeName) throws BlockException;

    /**
     * Changes the length of a node; its users hear of it.
     *
     * @param length in bytes
     */
    void resize(String nodeName, long length) throws BlockException;

    /**
     * Gives open nodes other options while they are used: all of them, or none. Requests wait
     * meanwhile. What is left out takes its default, as when the node is added.
     *
     * @param definitions the options of each node, complete, as for {@link #add}; the name says
     *     which node is meant. A node defined inside another may be named or defined inside again.
     * @throws BlockException naming the option that cannot be changed, or who stands against it;
     *     the nodes are as they were then, and if that could not be restored, the log says so
     */
    void reopen(List<? extends Map<String, ?>> definitions) throws BlockException;
}
