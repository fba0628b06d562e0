package io.diskport.nbd.node;

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
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** A context as core would lend it, which notes what the node says. */
final class TestContext implements NodeContext {
    private final NodeSettings settings;
    final Map<String, BlockObject> objects = new HashMap<>();
    final CompletableFuture<Throwable> ended = new CompletableFuture<>();
    volatile long newLength = -1;

    private TestContext(boolean readOnly, boolean autoReadOnly) {
        settings =
                new NodeSettings(
                        readOnly, autoReadOnly, DiscardMode.UNMAP, new CacheSettings(false, false));
    }

    static TestContext writable() {
        return new TestContext(false, false);
    }

    static TestContext readOnly() {
        return new TestContext(true, false);
    }

    static TestContext autoReadOnly() {
        return new TestContext(false, true);
    }

    @Override
    public String nodeName() {
        return "test";
    }

    @Override
    public NodeSettings settings() {
        return settings;
    }

    @Override
    public BlockChild open(
            NodeRef child, Permissions held, Permissions shared, ChildListener listener)
            throws BlockException {
        throw new BlockException(BlockException.Reason.NOT_FOUND, child.nodeName());
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends BlockObject> T object(ObjectRef<T> reference) throws BlockException {
        BlockObject object = objects.get(reference.id());
        if (object == null) {
            throw new BlockException(BlockException.Reason.NOT_FOUND, reference.id());
        }
        return (T) object;
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
        newLength = length;
    }

    @Override
    public void limitsChanged() {
        throw new AssertionError("an NBD node's limits do not change");
    }

    @Override
    public void ended(Throwable cause) {
        ended.complete(cause);
    }
}
