package io.diskport.file;

import io.diskport.api.BlockException;
import io.diskport.api.node.BlockChild;
import io.diskport.api.node.CacheSettings;
import io.diskport.api.node.ChildListener;
import io.diskport.api.node.DiscardMode;
import io.diskport.api.node.NodeContext;
import io.diskport.api.node.NodeSettings;
import io.diskport.api.node.Permissions;
import io.diskport.api.object.BlockObject;
import io.diskport.api.options.NodeRef;
import io.diskport.api.options.ObjectRef;
import java.util.concurrent.Executor;

/** A context as core would lend it, for one node without children. */
record TestContext(NodeSettings settings) implements NodeContext {
    static TestContext writable() {
        return new TestContext(NodeSettings.DEFAULT);
    }

    static TestContext readOnly() {
        return new TestContext(
                new NodeSettings(true, false, DiscardMode.IGNORE, new CacheSettings(false, false)));
    }

    static TestContext autoReadOnly() {
        return new TestContext(
                new NodeSettings(false, true, DiscardMode.IGNORE, new CacheSettings(false, false)));
    }

    static TestContext with(boolean direct, DiscardMode discard) {
        return new TestContext(
                new NodeSettings(false, false, discard, new CacheSettings(direct, false)));
    }

    @Override
    public String nodeName() {
        return "test";
    }

    @Override
    public BlockChild open(
            NodeRef child, Permissions held, Permissions shared, ChildListener listener)
            throws BlockException {
        throw new BlockException(BlockException.Reason.NOT_FOUND, child.nodeName());
    }

    @Override
    public <T extends BlockObject> T object(ObjectRef<T> reference) throws BlockException {
        throw new BlockException(BlockException.Reason.NOT_FOUND, reference.toString());
    }

    @Override
    public Executor executor() {
        return Runnable::run;
    }

    @Override
    public System.Logger log() {
        return System.getLogger("test");
    }

    @Override
    public void lengthChanged(long length) {
        throw new AssertionError("a file node does not find its length changed");
    }

    @Override
    public void limitsChanged() {
        throw new AssertionError("a file node's limits do not change");
    }

    @Override
    public void ended(Throwable cause) {
        throw new AssertionError(cause);
    }
}
