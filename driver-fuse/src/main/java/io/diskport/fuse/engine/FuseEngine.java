package io.diskport.fuse.engine;

import io.diskport.api.BlockException;
import io.diskport.api.export.RequestStats;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Serves one mount: takes the kernel's requests from its descriptors and asks a {@link
 * io.diskport.fuse.file.FuseFile} what they mean.
 */
public interface FuseEngine {
    /**
     * Begins to serve; returns when clients are.
     *
     * @throws BlockException if it cannot; the descriptors are closed then
     */
    void start() throws BlockException;

    /**
     * Stops serving: takes no new requests, lets those under way finish for a while, and then ends
     * the kernel's connection, so that every client that is left gets an error. Idempotent.
     *
     * @param graceMillis how long requests under way may take
     * @return how many requests did not come back; they are left behind, without harm
     */
    int stop(long graceMillis);

    /**
     * Stops serving and leaves the connection to the driver's next version: requests wait in the
     * kernel meanwhile.
     *
     * @param graceMillis how long requests under way may take
     * @return what the next version needs; empty if it cannot be done, and it goes on serving
     */
    default Optional<Map<String, Object>> suspend(long graceMillis) {
        return Optional.empty();
    }

    /** What people may want to know of it: names and short values. */
    Map<String, String> details();

    /** The requests by operation; empty if it does not count them. */
    default List<RequestStats> requests() {
        return List.of();
    }

    /** Hears what ends a mount that was not stopped; called by threads that serve requests. */
    interface EndListener {
        /**
         * The kernel takes no more replies: the last user of an unmounted file has gone, or the
         * connection was cut.
         */
        void ended();
    }
}
