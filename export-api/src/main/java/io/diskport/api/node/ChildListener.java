package io.diskport.api.node;

import org.osgi.annotation.versioning.ConsumerType;

/** What a parent hears of its child. Calls come from any thread and do not block. */
@ConsumerType
public interface ChildListener {
    /** Hears nothing. */
    ChildListener NONE = new ChildListener() {};

    /** The child's length is another now. */
    default void lengthChanged(long length) {}

    /**
     * The length below which the child must not be cut, in bytes: what the parent shows of it.
     * Asked before the child is resized; a shorter length is refused.
     */
    default long neededLength() {
        return 0;
    }

    /** The child's limits are others now. */
    default void limitsChanged(BlockLimits limits) {}
}
