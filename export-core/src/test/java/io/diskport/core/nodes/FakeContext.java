package io.diskport.core.nodes;

import io.diskport.api.BlockException;
import io.diskport.api.node.BlockChild;
import io.diskport.api.node.ChildListener;
import io.diskport.api.node.NodeContext;
import io.diskport.api.node.NodeSettings;
import io.diskport.api.node.Permissions;
import io.diskport.api.object.BlockObject;
import io.diskport.api.options.NodeRef;
import io.diskport.api.options.ObjectRef;
import io.diskport.core.options.OptionText;
import io.diskport.core.options.RecordBinder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/** A node's context around one child and one object. */
final class FakeContext implements NodeContext {
    final FakeChild child;
    final BlockObject object;
    final List<Long> lengths = new ArrayList<>();
    int limitsChanges;

    FakeContext(FakeChild child, BlockObject object) {
        this.child = child;
        this.object = object;
    }

    /** The options of a driver from text. */
    static <R extends Record> R options(Class<R> type, String text) throws BlockException {
        return new RecordBinder("node", OptionText.parse(text, ""), List.of(type)).bind(type);
    }

    @Override
    public String nodeName() {
        return "n";
    }

    @Override
    public NodeSettings settings() {
        return NodeSettings.DEFAULT;
    }

    @Override
    public BlockChild open(
            NodeRef reference, Permissions held, Permissions shared, ChildListener listener)
            throws BlockException {
        child.setPermissions(held, shared);
        child.listener = listener;
        return child;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends BlockObject> T object(ObjectRef<T> reference) {
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
        lengths.add(length);
    }

    @Override
    public void limitsChanged() {
        limitsChanges++;
    }

    @Override
    public void ended(Throwable cause) {}
}
