package io.diskport.api.node;

/** What becomes of discard requests. */
public enum DiscardMode {
    /** They do nothing. */
    IGNORE,
    /** They free what is allocated. */
    UNMAP
}
