package io.diskport.api.node;

import org.osgi.annotation.versioning.ConsumerType;

/** What a parent hears of its child. Calls come from any thread and do not block. */
@ConsumerType
public interface ChildListener {
    /** Hears nothing. */
    ChildListener NONE = new ChildListener() {};

    /** The child's length is another now. */
    default void lengthChanged(long length) {}

    /** The child's limits are others now. */
    default void limitsChanged(BlockLimits limits) {}
}
