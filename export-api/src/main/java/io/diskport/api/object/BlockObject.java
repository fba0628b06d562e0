package io.diskport.api.object;

import io.diskport.api.Handover;
import java.util.Map;
import java.util.Optional;
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

    /**
     * Ends the service but keeps what clients hold (a listening socket), for the driver's next
     * version, as {@link io.diskport.api.export.BlockExport#suspend} does. Exports of the same
     * bundle that use the object are suspended before it.
     *
     * @return empty if that cannot be done: it goes on as before, and is closed instead
     */
    default Optional<Handover> suspend() {
        return Optional.empty();
    }

    /** Frees everything, within 3 s. Called once, when nobody uses it any more. */
    @Override
    default void close() {}
}
