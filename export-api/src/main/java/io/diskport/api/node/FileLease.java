package io.diskport.api.node;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * The plain file beneath a node, lent to a path that leaves our hands altogether, such as FUSE
 * passthrough.
 *
 * <p>A lease counts as a request in flight until it is closed.
 */
@ConsumerType
public interface FileLease extends AutoCloseable {
    /** The number of the open file descriptor; it belongs to the node and is not to be closed. */
    int descriptor();

    /** Where in the file the node begins, in bytes. */
    long offset();

    /** The node's length in bytes when the lease was given. */
    long length();

    /** Whether the descriptor may be written to. */
    boolean writable();

    /**
     * Gives the lease back; once it returns nobody uses the descriptor for it any more. Idempotent.
     */
    @Override
    void close();
}
