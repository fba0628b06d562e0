package io.diskport.runtime;

import org.osgi.service.log.LogLevel;

/** Where lines of the log go. Called by one thread at a time. */
interface LogSink extends AutoCloseable {
    /** Takes a line, without its end. Never throws: there is nowhere to say it. */
    void write(LogLevel level, String line);

    @Override
    default void close() {}
}
