package io.diskport.api.manage;

import io.diskport.api.BlockException;
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
}
