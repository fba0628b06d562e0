package io.diskport.api.node;

import io.diskport.api.BlockException;
import io.diskport.api.object.BlockObject;
import io.diskport.api.options.NodeRef;
import io.diskport.api.options.ObjectRef;
import java.util.concurrent.Executor;
import org.osgi.annotation.versioning.ProviderType;

/** What core lends to a driver for one node. Any thread. */
@ProviderType
public interface NodeContext {
    /** The node's name. */
    String nodeName();

    /** The options that every node has. */
    NodeSettings settings();

    /**
     * Opens the connection to a child; only while the driver's {@code open} runs. The child stays
     * protected until this node is closed. A filter begins with {@link Permissions#NONE} and passes
     * on what {@link BlockNode#setPermissions} tells it.
     *
     * @param held what this node does to the child
     * @param shared what it lets others do
     * @throws BlockException if another user of the child stands against it
     */
    BlockChild open(NodeRef child, Permissions held, Permissions shared, ChildListener listener)
            throws BlockException;

    /** The object that an option refers to; it stays there until this node is closed. */
    <T extends BlockObject> T object(ObjectRef<T> reference) throws BlockException;

    /** A bounded pool of platform threads of this node, for work that waits. */
    Executor executor();

    /** A log whose lines name the node. */
    System.Logger log();

    /** Says that the length is another now, for a reason other than {@link BlockIo#truncate}. */
    void lengthChanged(long length);

    /** Says that {@link BlockIo#limits()} is another now. */
    void limitsChanged();

    /**
     * Says that the node is lost (its peer is gone, its device was removed): its users end from the
     * top down, and it is opened again, with back-off, if a configuration asks for it.
     *
     * @param cause its message is shown to people
     */
    void ended(Throwable cause);
}
