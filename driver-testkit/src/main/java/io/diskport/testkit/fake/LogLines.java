package io.diskport.testkit.fake;

import java.text.MessageFormat;
import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.CopyOnWriteArrayList;

/** A log that remembers what it was told. */
public final class LogLines implements System.Logger {
    private final List<String> lines = new CopyOnWriteArrayList<>();

    @Override
    public String getName() {
        return "test";
    }

    @Override
    public boolean isLoggable(Level level) {
        return true;
    }

    @Override
    public void log(Level level, ResourceBundle texts, String message, Throwable thrown) {
        StringBuilder line = new StringBuilder(level + " " + message);
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            line.append(" / ").append(cause);
            if (cause.getStackTrace().length > 0 && level == Level.ERROR) {
                line.append(" at ").append(cause.getStackTrace()[0]);
            }
        }
        lines.add(line.toString());
    }

    @Override
    public void log(Level level, ResourceBundle texts, String format, Object... values) {
        boolean plain = values == null || values.length == 0;
        lines.add(level + " " + (plain ? format : MessageFormat.format(format, values)));
    }

    /** Those of a level. */
    public List<String> of(Level level) {
        return lines.stream().filter(line -> line.startsWith(level + " ")).toList();
    }

    @Override
    public String toString() {
        return String.join("\n", lines);
    }
}
