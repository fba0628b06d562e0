package io.diskport.runtime;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;
import org.osgi.service.log.LogListener;

/** Hands each entry of the log to its sinks, once and in order. */
final class LogWriter implements LogListener, AutoCloseable {
    private final List<LogSink> sinks;
    private final LogLevel lowest;
    private final LogLine form;
    private long last = -1;

    LogWriter(List<LogSink> sinks, LogLevel lowest) {
        this.sinks = sinks;
        this.lowest = lowest;
        this.form = new LogLine(lowest);
    }

    /**
     * Writes what a history holds and was not written yet: what was logged before this writer
     * listened, or while it stopped.
     *
     * @param history the latest entry first
     */
    synchronized void catchUp(Enumeration<LogEntry> history) {
        List<LogEntry> entries = new ArrayList<>(Collections.list(history));
        Collections.reverse(entries);
        entries.forEach(this::logged);
    }

    @Override
    public synchronized void logged(LogEntry entry) {
        if (entry.getSequence() <= last) {
            return;
        }
        last = entry.getSequence();
        if (!wanted(entry)) {
            return;
        }
        String line = form.of(entry);
        for (LogSink sink : sinks) {
            sink.write(entry.getLogLevel(), line);
        }
    }

    /**
     * What the framework and Declarative Services log at INFO (a bundle has started, a version) is
     * too much for that.
     */
    private boolean wanted(LogEntry entry) {
        LogLevel level = entry.getLogLevel();
        boolean machinery =
                String.valueOf(entry.getLoggerName()).startsWith("Events.")
                        || "org.apache.felix.scr".equals(entry.getBundle().getSymbolicName());
        return lowest.implies(
                machinery && level == LogLevel.INFO || isSaidByCore(entry)
                        ? LogLevel.DEBUG
                        : level);
    }

    /**
     * That a deployed bundle misses something is said by File Install whenever anything in deploy/
     * changes, in the framework's words; export-core says it once, in plain ones.
     */
    private static boolean isSaidByCore(LogEntry entry) {
        return "org.apache.felix.fileinstall".equals(entry.getBundle().getSymbolicName())
                && entry.getException() != null
                && String.valueOf(entry.getException().getMessage())
                        .contains("missing requirement");
    }

    @Override
    public synchronized void close() {
        sinks.forEach(LogSink::close);
    }
}
