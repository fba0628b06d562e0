package io.diskport.api.node;

import io.diskport.api.BlockException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Makes nodes of one kind. An OSGi service; its kind is its service property {@value
 * #DRIVER_PROPERTY}. Of several for one kind, the highest {@code service.ranking} serves, then the
 * highest bundle version.
 *
 * @param <O> the record of its options, see {@link io.diskport.api.options.Option}
 */
@ConsumerType
public interface BlockNodeDriver<O extends Record> {
    /** The service property that holds the kind, for instance {@code file}. */
    String DRIVER_PROPERTY = "diskport.node.driver";

    /** The record of the options; the same at every call. */
    Class<O> optionsType();

    /**
     * Opens a node. Called on a thread of that node, so that it may take its time; what it made is
     * closed at once if its bundle has left meanwhile.
     *
     * @param options checked as far as their record tells
     * @throws BlockException if it cannot; nothing is left behind then
     */
    BlockNode open(NodeContext context, O options) throws BlockException;

    /**
     * Gives an open node other settings or options while its requests are drained. It is not called
     * for what only core looks at: whether discards and flushes are heeded, zeroes looked for, and
     * storage shared.
     *
     * <p>Its children may be other nodes now: core has connected the same {@link BlockChild} to
     * them, with the same permissions, and this refuses one that will not do. Objects that the
     * options refer to may be others too, and are had from the context.
     *
     * <p>Without it, core can still make a writable node read-only, by refusing writes.
     *
     * @param context with the new settings; it opens no children, and I/O on those that are
     *     reopened as well would wait for this to return
     * @throws BlockException if it cannot; the node is as it was then
     */
    default void reopen(BlockNode node, NodeContext context, O options) throws BlockException {
        throw new BlockException(
                BlockException.Reason.UNSUPPORTED,
                "Node '" + context.nodeName() + "' cannot be reopened with other options");
    }
}
