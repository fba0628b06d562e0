package io.diskport.core.life;

import java.text.MessageFormat;
import java.util.ResourceBundle;
import org.osgi.service.log.Logger;

/** The log of the JDK's kind, written to OSGi's log service. */
final class OsgiLog implements System.Logger {
    private final Logger log;

    OsgiLog(Logger log) {
        this.log = log;
    }

    @Override
    public String getName() {
        return log.getName();
    }

    @Override
    public boolean isLoggable(Level level) {
        return switch (level) {
            case ALL, TRACE -> log.isTraceEnabled();
            case DEBUG -> log.isDebugEnabled();
            case INFO -> log.isInfoEnabled();
            case WARNING -> log.isWarnEnabled();
            case ERROR -> log.isErrorEnabled();
            case OFF -> false;
        };
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {
        Object[] arguments = thrown == null ? new Object[0] : new Object[] {thrown};
        switch (level) {
            case ALL, TRACE -> log.trace(message, arguments);
            case DEBUG -> log.debug(message, arguments);
            case INFO -> log.info(message, arguments);
            case WARNING -> log.warn(message, arguments);
            case ERROR -> log.error(message, arguments);
            case OFF -> {}
        }
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String format, Object... parameters) {
        if (isLoggable(level)) {
            boolean plain = parameters == null || parameters.length == 0;
            String message = plain ? format : MessageFormat.format(format, parameters);
            log(level, bundle, message, (Throwable) null);
        }
    }
}
