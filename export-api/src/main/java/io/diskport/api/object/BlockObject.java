package io.diskport.api.object;

import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * An object as its driver made it. Users reach it by the contract that it implements: one of this
 * package ({@link Secret}, {@link ThrottleGroup}, {@link IoThread}), or one that bundles share.
 */
@ConsumerType
public interface BlockObject extends AutoCloseable {
    /** What people may want to see beside the options, in the order given; never a secret. */
    default Map<String, String> info() {
        return Map.of();
    }

    /** Frees everything, within 3 s. Called once, when nobody uses it any more. */
    @Override
    default void close() {}
}
