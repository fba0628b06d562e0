package io.diskport.api.export;

/** How an export is asked to end. */
public enum ShutdownMode {
    /** Refused while clients are connected. */
    SAFE,
    /** Clients are dropped. */
    HARD,
    /** No new clients; those that are there stay until they leave, and then it ends. */
    HIDE,
    /**
     * Requests of the clients that are there fail with ESHUTDOWN until they leave; then it ends.
     */
    SOFT
}
