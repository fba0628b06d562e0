package io.diskport.api.manage;

import java.util.Locale;

/** Where in its life an export, a node or an object is. */
public enum EntryState {
    /** Something it needs is not there: its driver, a node, an object. */
    WAITING,
    /** It is being made. */
    STARTING,
    /** It serves. */
    RUNNING,
    /** It is ending. */
    SHUTTING_DOWN,
    /** It could not be made, or broke down; it is tried again if it is desired. */
    FAILED;

    /** As people read it: {@code shutting down}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
