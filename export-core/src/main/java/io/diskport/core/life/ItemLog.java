package io.diskport.core.life;

import java.lang.System.Logger;
import java.util.ResourceBundle;

/** A log whose lines begin with the name of what they are about. */
final class ItemLog implements Logger {
    private final Logger log;
    private final String prefix;

    ItemLog(Logger log, String prefix) {
        this.log = log;
        this.prefix = prefix + ": ";
    }

    @Override
    public String getName() {
        return log.getName();
    }

    @Override
    public boolean isLoggable(Level level) {
        return log.isLoggable(level);
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {
        log.log(level, bundle, prefix + message, thrown);
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String format, Object... parameters) {
        String escaped =
                parameters == null || parameters.length == 0 ? prefix : prefix.replace("'", "''");
        log.log(level, bundle, escaped + format, parameters);
    }
}
