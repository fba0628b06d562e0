package io.diskport.launcher;

import org.apache.felix.framework.Logger;

/** What the framework itself reports, as lines like those of the daemon's log. */
final class FrameworkLog extends Logger {
    @Override
    protected void doLogOut(int level, String message, Throwable cause) {
        LogLine.print(
                switch (level) {
                    case LOG_ERROR -> "ERROR";
                    case LOG_WARNING -> "WARN";
                    case LOG_INFO -> "INFO";
                    default -> "DEBUG";
                },
                "framework",
                message);
    }
}
