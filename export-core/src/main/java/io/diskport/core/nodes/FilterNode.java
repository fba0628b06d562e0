package io.diskport.core.nodes;

import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.node.BlockChild;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.ChildListener;
import io.diskport.api.node.NodeContext;
import io.diskport.api.node.Permissions;
import io.diskport.api.options.NodeRef;

/** What filters have in common: one child, which gets the permissions that they get. */
abstract class FilterNode implements BlockNode {
    final BlockChild child;

    /** A filter over a child that {@link #openChild} has opened. */
    FilterNode(BlockChild child) {
        this.child = child;
    }

    /** Opens the child with no permission yet, as filters do. */
    static BlockChild openChild(NodeContext context, NodeRef file, ChildListener listener)
            throws BlockException {
        return context.open(file, Permissions.NONE, Permissions.ALL, listener);
    }

    /**
     * The limits of a filter: those of its child, but for the alignment of requests and memory.
     * That is left to the child, where everybody who reads and modifies and writes holds the same
     * lock.
     *
     * @param offset where in the child the filter begins
     */
    static BlockLimits limits(BlockLimits below, long offset) {
        boolean aligned = offset % below.discardAlignment() == 0;
        return new BlockLimits(
                1,
                1,
                below.preferredLength(),
                below.maximumLength(),
                aligned ? below.discardAlignment() : 1,
                below.parallelism());
    }

    @Override
    public boolean readOnly() {
        return child.readOnly();
    }

    @Override
    public void setPermissions(Permissions held, Permissions shared) throws BlockException {
        child.setPermissions(held, shared);
    }

    @Override
    public void flush() throws BlockIOException {
        child.flush();
    }

    /** Does nothing: core closes the connection to the child. */
    @Override
    public void close() {}

    @Override
    public void refreshLength() throws BlockIOException {
        child.refreshLength();
    }
}
