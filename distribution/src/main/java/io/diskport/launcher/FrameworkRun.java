package io.diskport.launcher;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.felix.framework.Felix;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.BundleRevision;

/** One run of the framework, with the bundles of bundles/, where a folder is a start level. */
final class FrameworkRun {
    /** The level of bundles/shell, above all others. */
    private static final int SHELL_LEVEL = 40;

    /**
     * The level of what is deployed: below export-core's, so that at the end core ends all exports
     * together while every driver is still there.
     */
    private static final int DRIVER_LEVEL = 4;

    /** From the signal to the end of the process; export-core leaves nothing waiting for longer. */
    private static final long STOP_MILLIS = 9_500;

    private final Path home;
    private final Arguments arguments;
    private final Path var;

    /** Whether the end was asked for, which may be while it still starts. */
    private volatile boolean ending;

    private volatile boolean started;

    FrameworkRun(Path home, Arguments arguments, Path var) {
        this.home = home;
        this.arguments = arguments;
        this.var = var;
    }

    /**
     * Starts the framework, has made what the command line asks for, and returns when the framework
     * has ended.
     *
     * @param steps options and their values
     * @throws StartException if it cannot start, or cannot make that; nothing is left then
     */
    void run(List<String> steps) throws StartException {
        Framework framework = new Felix(properties());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(framework), "end"));
        Signals.onEnd(() -> stop(framework));
        try {
            framework.init();
            for (Bundle bundle : install(framework)) {
                if (ending) {
                    return;
                }
                if (bundle.adapt(BundleRevision.class).getTypes() != BundleRevision.TYPE_FRAGMENT) {
                    bundle.start(Bundle.START_ACTIVATION_POLICY);
                }
            }
            framework.start();
            started = true;
            if (ending) {
                stop(framework);
            } else if (arguments.isCommanded() || !steps.isEmpty()) {
                performAndWait(framework, steps);
            } else {
                awaitStop(framework);
            }
        } catch (BundleException e) {
            throw new StartException("cannot start the framework: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether every bundle was started, whatever came then. */
    boolean hasStarted() {
        return started;
    }

    private void performAndWait(Framework framework, List<String> steps)
            throws StartException, InterruptedException {
        Optional<PidFile> pidFile = Optional.empty();
        // As long as it is there, monitors do not answer.
        ServiceRegistration<Object> starting =
                framework
                        .getBundleContext()
                        .registerService(
                                Object.class,
                                new Object(),
                                FrameworkUtil.asDictionary(Map.of("diskport.starting", true)));
        try {
            Map<String, String> came = CommandLine.perform(framework.getBundleContext(), steps);
            if (ending) {
                awaitStop(framework);
                return;
            }
            if (came.containsKey(CommandLine.REFUSED)) {
                throw new StartException(came.get(CommandLine.REFUSED));
            }
            if (came.containsKey(CommandLine.TEXT)) {
                System.out.print(came.get(CommandLine.TEXT));
                System.out.flush();
                stop(framework);
                return;
            }
            if (arguments.pidfile().isPresent()) {
                pidFile = Optional.of(PidFile.write(arguments.pidfile().get()));
            }
            if (arguments.daemonize()) {
                Daemonized.ready();
            }
            starting.unregister();
            awaitStop(framework);
        } catch (StartException | RuntimeException e) {
            // The framework's services go while they are used: of its end, that is no news.
            if (ending) {
                awaitStop(framework);
                return;
            }
            stop(framework);
            throw e;
        } finally {
            pidFile.ifPresent(PidFile::close);
        }
    }

    private static void awaitStop(Framework framework) throws InterruptedException {
        FrameworkEvent event;
        do {
            event = framework.waitForStop(0);
        } while (event.getType() == FrameworkEvent.STOPPED_UPDATE);
    }

    private List<Bundle> install(Framework framework) throws StartException, BundleException {
        List<Bundle> installed = new ArrayList<>();
        for (Path level : folders(home.resolve("bundles"))) {
            boolean shell = level.endsWith("shell");
            if (shell && !arguments.shell()) {
                continue;
            }
            for (Path jar : jars(level)) {
                Bundle bundle =
                        framework.getBundleContext().installBundle("reference:" + jar.toUri());
                if (bundle.getSymbolicName() == null) {
                    throw new StartException(jar + " is no bundle");
                }
                bundle.adapt(BundleStartLevel.class)
                        .setStartLevel(
                                shell
                                        ? SHELL_LEVEL
                                        : Integer.parseInt(level.getFileName().toString()));
                installed.add(bundle);
            }
        }
        return installed;
    }

    private static List<Path> folders(Path parent) throws StartException {
        List<Path> found = list(parent, "{[0-9],[0-9][0-9],shell}");
        if (found.isEmpty()) {
            throw new StartException(parent + " holds no bundles: is this all of Diskport?");
        }
        return found;
    }

    private static List<Path> jars(Path folder) throws StartException {
        return list(folder, "*.jar");
    }

    private static List<Path> list(Path folder, String pattern) throws StartException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, pattern)) {
            entries.forEach(found::add);
        } catch (IOException e) {
            throw new StartException("cannot read " + folder + ": " + Folders.reason(e), e);
        }
        found.sort(null);
        return found;
    }

    /** Ends the framework; a bundle that does not stop in time does not keep the process. */
    private void stop(Framework framework) {
        ending = true;
        if (!started) {
            return; // Whoever starts it sees that, and ends it then.
        }
        try {
            framework.stop();
            if (framework.waitForStop(STOP_MILLIS).getType() == FrameworkEvent.WAIT_TIMEDOUT) {
                LogLine.print(
                        "ERROR", "launcher", "a bundle did not stop in 9.5 s and is left behind");
                Runtime.getRuntime().halt(1);
            }
        } catch (BundleException e) {
            LogLine.print("ERROR", "launcher", "cannot stop the framework: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Whether standard error is for what goes wrong only, which is what a script for QEMU's storage
     * daemon expects.
     */
    private boolean isQuiet() {
        return (arguments.isCommanded() || arguments.action() != Arguments.Action.RUN)
                && System.getProperty("diskport.log.level") == null;
    }

    private Map<String, Object> properties() {
        Map<String, Object> p = new HashMap<>();
        p.put(Constants.FRAMEWORK_STORAGE, var.resolve("cache").toString());
        p.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        p.put(Constants.FRAMEWORK_BEGINNING_STARTLEVEL, Integer.toString(SHELL_LEVEL));
        // The framework's own native access and jline use what the JDK keeps in sun.misc.
        p.put(Constants.FRAMEWORK_BOOTDELEGATION, "sun.misc");
        p.put("felix.log.logger", new FrameworkLog());
        p.put("felix.log.level", "2");

        p.put("diskport.home", home.toString());
        p.put("diskport.var", var.toString());
        p.put(
                "diskport.deploy.allow",
                arguments.conf().orElse(home.resolve("conf")).resolve("deploy.allow").toString());
        String level = System.getProperty("diskport.log.level", "INFO");
        p.put("diskport.log.level", level);
        p.put("org.osgi.service.log.admin.loglevel", level);
        if (arguments.shell() || arguments.daemonize()) {
            p.put("diskport.log.file", var.resolve("diskport.log").toString());
        }
        if (arguments.shell()) {
            p.put("diskport.log.prompting", "true");
        }
        if (isQuiet()) {
            p.put("diskport.log.terminal", "WARN");
        }

        p.put("felix.cm.dir", var.resolve("config").toString());
        // An export may take 10 s to end while its driver's component is being deactivated.
        p.put("ds.lock.timeout.milliseconds", "30000");
        p.put("ds.stop.timeout.milliseconds", "30000");

        p.put(
                "felix.fileinstall.dir",
                arguments.deploy() + arguments.conf().map(conf -> "," + conf).orElse(""));
        p.put("felix.fileinstall.filter", "[^.].*\\.(jar|cfg|config)");
        p.put("felix.fileinstall.poll", "500");
        p.put("felix.fileinstall.noInitialDelay", "true");
        p.put("felix.fileinstall.start.level", Integer.toString(DRIVER_LEVEL));
        p.put("felix.fileinstall.tmpdir", var.resolve("tmp").toString());
        p.put("felix.fileinstall.subdir.mode", "skip");
        p.put("felix.fileinstall.configEncoding", "UTF-8");
        // Or the deletion of a configuration would delete the user's file.
        p.put("felix.fileinstall.enableConfigSave", "false");
        p.put("felix.fileinstall.log.level", "3");

        p.put("gosh.home", home.toString());
        p.put("gosh.args", "--nohistory");
        return p;
    }
}
