package io.diskport.api.manage;

import java.util.Locale;

/** What there are drivers for. */
public enum Kind {
    /** Block exports. */
    EXPORT,
    /** Block nodes. */
    NODE,
    /** Objects. */
    OBJECT;

    /** As people read it: {@code export}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
