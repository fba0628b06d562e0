package io.diskport.runtime;

import java.io.PrintStream;
import org.osgi.service.log.LogLevel;

/** Lines to standard error, from a level upwards. */
final class TerminalLog implements LogSink {
    /** Back to the first column, and erase to the end of the line: what a prompt has left there. */
    private static final String FRESH_LINE = "\r\u001b[K";

    private final PrintStream stream;
    private final LogLevel lowest;
    private final boolean prompting;

    /**
     * @param prompting whether a prompt may stand in the line
     */
    TerminalLog(PrintStream stream, LogLevel lowest, boolean prompting) {
        this.stream = stream;
        this.lowest = lowest;
        this.prompting = prompting;
    }

    @Override
    public void write(LogLevel level, String line) {
        if (lowest.implies(level)) {
            stream.println(prompting ? FRESH_LINE + line + "\r" : line);
            stream.flush();
        }
    }
}
