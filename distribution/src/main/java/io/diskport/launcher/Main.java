package io.diskport.launcher;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The program behind bin/diskport. */
public final class Main {
    private static final int REFUSED = 1;

    private Main() {}

    /** Runs until somebody ends it, and exits with the status that {@code --help} lists. */
    public static void main(String... words) {
        int status = 0;
        try {
            Path home = home();
            perform(Arguments.parse(List.of(words), home, System.getenv("DISKPORT_VAR")), home);
        } catch (StartException e) {
            System.err.println("diskport: " + oneLine(e.getMessage()));
            status = REFUSED;
        }
        System.exit(status);
    }

    private static void perform(Arguments arguments, Path home) throws StartException {
        switch (arguments.action()) {
            case HELP -> help(arguments, home);
            case VERSION -> System.out.println("diskport " + version());
            case RUN -> {
                if (arguments.var().isPresent()) {
                    run(arguments, arguments.var().get(), home);
                } else {
                    try (PrivateVar var = PrivateVar.make()) {
                        run(arguments, var.folder(), home);
                    }
                }
            }
        }
    }

    private static void run(Arguments arguments, Path var, Path home) throws StartException {
        if (arguments.conf().isPresent()) {
            Folders.requireOwn("conf", arguments.conf().get());
        }
        Folders.requireOwn("deploy", arguments.deploy());
        FileLock lock = Folders.claim(var);
        DeadMounts.clean();
        FrameworkRun run = new FrameworkRun(home, arguments, var);
        try {
            run.run(arguments.steps());
        } finally {
            if (run.hasStarted()) {
                markArchive();
            }
        }
        if (!lock.isValid()) {
            throw new StartException("lost the lock on " + var);
        }
    }

    /** The usage, and the types that are there; without those where the drivers cannot be had. */
    private static void help(Arguments arguments, Path home) {
        System.out.print(Usage.TEXT);
        System.out.flush();
        try (PrivateVar var = PrivateVar.make()) {
            Folders.requireOwn("deploy", arguments.deploy());
            Folders.claim(var.folder());
            new FrameworkRun(home, arguments, var.folder()).run(List.of("--help", ""));
        } catch (StartException e) {
            System.err.println("diskport: " + oneLine(e.getMessage()));
        }
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    /**
     * Tells bin/diskport that the class archive Java writes at its end is one of a whole run, once
     * this process is gone.
     */
    private static void markArchive() throws StartException {
        String mark = System.getProperty("diskport.archived");
        if (mark != null) {
            try {
                Files.writeString(Path.of(mark), ProcessHandle.current().pid() + "\n");
            } catch (IOException e) {
                throw new StartException("cannot write " + mark + ": " + Folders.reason(e), e);
            }
        }
    }

    /** The folder that holds lib/, where this class's jar lies. */
    private static Path home() throws StartException {
        try {
            Path jar =
                    Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            return jar.getParent().getParent();
        } catch (URISyntaxException e) {
            throw new StartException("cannot find the folder of Diskport: " + e, e);
        }
    }

    private static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
    }
}
