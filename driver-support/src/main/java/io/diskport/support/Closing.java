package io.diskport.support;

import java.lang.System.Logger.Level;
import java.util.Map;

/** Closes what was handed over and cannot be used. Any thread. */
public final class Closing {
    private Closing() {}

    /** Closes whatever can be closed, at any depth of maps and lists. */
    public static void all(Object value, System.Logger log) {
        if (value instanceof Map<?, ?> map) {
            map.values().forEach(part -> all(part, log));
        } else if (value instanceof Iterable<?> values) {
            values.forEach(part -> all(part, log));
        } else if (value instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                log.log(Level.WARNING, "Something that was left stays open", e);
            }
        }
    }
}
