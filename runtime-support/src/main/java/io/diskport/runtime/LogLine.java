package io.diskport.runtime;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import org.osgi.framework.Bundle;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;

/**
 * How an entry of the log is written: {@code 2026-11-22T12:59:08.123 INFO [driver-fuse] message},
 * with an exception behind it in the same line, and its stack beneath only where DEBUG is wanted.
 */
final class LogLine {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS");
    private static final String[] KNOWN = {"io.diskport.", "org.apache.felix."};

    private final boolean stacks;

    LogLine(LogLevel lowest) {
        this.stacks = lowest.implies(LogLevel.DEBUG);
    }

    String of(LogEntry entry) {
        Throwable cause = entry.getException();
        StringBuilder line = new StringBuilder(120);
        line.append(
                TIME.format(
                        LocalDateTime.ofInstant(
                                Instant.ofEpochMilli(entry.getTime()), ZoneId.systemDefault())));
        line.append(" %-5s [%s] ".formatted(entry.getLogLevel(), source(entry.getBundle())));
        line.append(oneLine(entry.getMessage()));
        if (cause != null) {
            line.append(": ").append(oneLine(text(cause)));
            if (stacks) {
                StringWriter stack = new StringWriter();
                cause.printStackTrace(new PrintWriter(stack));
                line.append(System.lineSeparator()).append(stack.toString().stripTrailing());
            }
        }
        return line.toString();
    }

    private static String source(Bundle bundle) {
        String name = bundle == null ? null : bundle.getSymbolicName();
        if (name == null) {
            return "framework";
        }
        for (String prefix : KNOWN) {
            if (name.startsWith(prefix)) {
                return name.substring(prefix.length());
            }
        }
        return name;
    }

    /** The exception, and the one that began it where that is another. */
    private static String text(Throwable cause) {
        Throwable root = cause;
        for (int depth = 0; root.getCause() != null && depth < 20; depth++) {
            root = root.getCause();
        }
        return root == cause ? cause.toString() : cause + " (" + root + ")";
    }

    private static String oneLine(String text) {
        return text == null ? "" : text.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
