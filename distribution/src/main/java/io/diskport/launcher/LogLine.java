package io.diskport.launcher;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;

/** What the launcher has to say, in the form of the daemon's log. */
final class LogLine {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS");

    private LogLine() {}

    static void print(String level, String source, String message) {
        System.err.printf(
                "%s %-5s [%s] %s%n",
                TIME.format(LocalDateTime.now()),
                level,
                source,
                message.strip().replaceAll("\\s*\\R\\s*", " "));
    }
}
