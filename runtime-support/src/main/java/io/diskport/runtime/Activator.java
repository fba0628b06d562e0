package io.diskport.runtime;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.hooks.resolver.ResolverHookFactory;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.log.LogLevel;
import org.osgi.service.log.LogReaderService;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/** Starts the log writer and forgets stale configurations, both before this bundle is active. */
public final class Activator implements BundleActivator {
    private LogReaderService reader;
    private LogWriter writer;

    @Override
    public void start(BundleContext context) throws Exception {
        // As it is now: a shell that starts later redirects System.err for itself.
        PrintStream terminal = System.err;
        String file = context.getProperty("diskport.log.file");
        String terminalLevel = context.getProperty("diskport.log.terminal");
        boolean prompting = "true".equals(context.getProperty("diskport.log.prompting"));
        LogLevel level = level(context.getProperty("diskport.log.level"));
        List<LogSink> sinks =
                file == null
                        ? List.of(
                                new TerminalLog(
                                        terminal,
                                        terminalLevel == null
                                                ? LogLevel.TRACE
                                                : level(terminalLevel),
                                        false))
                        : List.of(
                                new FileLog(Path.of(file)),
                                new TerminalLog(terminal, LogLevel.WARN, prompting));
        ServiceReference<LogReaderService> log =
                context.getServiceReference(LogReaderService.class);
        if (log != null) {
            reader = context.getService(log);
            writer = new LogWriter(sinks, level);
            reader.addLogListener(writer);
            writer.catchUp(reader.getLog());
        }
        limitDeployment(context);
        ServiceReference<ConfigurationAdmin> admin =
                context.getServiceReference(ConfigurationAdmin.class);
        if (admin != null) {
            StaleConfigurations.delete(context.getService(admin));
        }
    }

    /** Before anything is deployed. */
    private static void limitDeployment(BundleContext context) {
        String list = context.getProperty("diskport.deploy.allow");
        ServiceReference<LoggerFactory> loggers = context.getServiceReference(LoggerFactory.class);
        if (list != null && loggers != null) {
            Logger logger = context.getService(loggers).getLogger("deploy");
            context.registerService(
                    ResolverHookFactory.class,
                    new DeployAllowList(Path.of(list), logger::warn),
                    null);
        }
    }

    @Override
    public void stop(BundleContext context) {
        if (writer != null) {
            reader.removeLogListener(writer);
            writer.catchUp(reader.getLog());
            writer.close();
        }
    }

    private static LogLevel level(String name) {
        for (LogLevel level : LogLevel.values()) {
            if (level.name().equalsIgnoreCase(name)) {
                return level;
            }
        }
        return LogLevel.INFO;
    }
}
