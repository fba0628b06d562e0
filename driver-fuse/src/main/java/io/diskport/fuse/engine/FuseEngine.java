package io.diskport.fuse.engine;

import io.diskport.api.BlockException;

/**
 * Serves one mount: takes the kernel's requests from a descriptor and asks a {@link
 * io.diskport.fuse.file.FuseFile} what they mean.
 */
public interface FuseEngine {
    /** Its name, for people. */
    String name();

    /**
     * Begins to serve; returns when clients are.
     *
     * @throws BlockException if it cannot; the descriptor is closed then
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

    /** Hears what ends a mount that was not stopped; called by threads that serve requests. */
    interface EndListener {
        /** Something was mounted or unmounted somewhere on this host. */
        void mountsChanged();

        /**
         * The kernel takes no more replies: the last user of an unmounted file has gone, or the
         * connection was cut.
         */
        void ended();
    }
}
