package io.diskport.api.node;

import io.diskport.api.BlockException;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * An open node, as a driver made it and as core calls it: in bounds, aligned to {@link #limits()},
 * and only as {@link #setPermissions} allows.
 */
@ConsumerType
public interface BlockNode extends BlockIo, AutoCloseable {
    /**
     * Whether it cannot be written, for instance because {@code auto-read-only} found a file that
     * permits reading only. Asked when it was opened and reopened, and at any time between.
     */
    default boolean readOnly() {
        return false;
    }

    /**
     * Tells what all users of the node together do, and what all of them let others do, before the
     * change takes effect. A filter passes it on to its child ({@link BlockChild#setPermissions});
     * a driver that locks its storage takes or drops locks.
     *
     * <p>Never called twice at once for one node. It may be called while requests are in flight.
     *
     * @param held the union of what the users do; nothing when there is no user
     * @param shared what every user lets others do; everything when there is no user
     * @throws BlockException if it cannot be had; then everything stays as it was
     */
    default void setPermissions(Permissions held, Permissions shared) throws BlockException {}

    /** What people may want to see beside the options, in the order given; short values. */
    default Map<String, String> info() {
        return Map.of();
    }

    /**
     * Frees everything, within 3 s. Called once, when no request is in flight any more, unless one
     * hangs for longer than the daemon waits.
     */
    @Override
    void close();
}
