package io.diskport.api.node;

import io.diskport.api.BlockException;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A node as its parent uses it: any offset and length is right, core aligns, and refuses what the
 * parent has no permission for (EROFS, EPERM).
 *
 * <p>Core closes the connection when the parent is closed, or when its opening fails.
 */
@ProviderType
public interface BlockChild extends BlockIo {
    /** The child's node-name. */
    String nodeName();

    /** Whether the child cannot be written. */
    boolean readOnly();

    /**
     * Changes what the parent does to the child and what it lets others do.
     *
     * @throws BlockException if another user of the child, or its storage, stands against it: the
     *     message names who; everything stays as it was
     */
    void setPermissions(Permissions held, Permissions shared) throws BlockException;
}
