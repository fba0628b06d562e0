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
    private static final int USAGE = 2;

    private Main() {}

    /** Runs until somebody ends it, and exits with the status that {@code --help} lists. */
    public static void main(String... words) {
        int status;
        try {
            Path home = home();
            Arguments arguments;
            try {
                arguments = Arguments.parse(List.of(words), home, System.getenv("DISKPORT_VAR"));
            } catch (StartException e) {
                System.err.println("diskport: " + e.getMessage());
                System.exit(USAGE);
                return;
            }
            perform(arguments, home);
            status = 0;
        } catch (StartException e) {
            System.err.println("diskport: " + e.getMessage());
            status = REFUSED;
        }
        System.exit(status);
    }

    private static void perform(Arguments arguments, Path home) throws StartException {
        switch (arguments.action()) {
            case HELP -> System.out.print(Arguments.HELP);
            case VERSION -> System.out.println("diskport " + version());
            case RUN -> {
                Folders.requireOwn("conf", arguments.conf());
                Folders.requireOwn("deploy", arguments.deploy());
                FileLock lock = Folders.claim(arguments.var());
                DeadMounts.clean();
                new FrameworkRun(home, arguments).run();
                markArchive();
                if (!lock.isValid()) {
                    throw new StartException("lost the lock on " + arguments.var());
                }
            }
        }
    }

    /** Tells bin/diskport that the class archive Java writes at its end is one of a whole run. */
    private static void markArchive() throws StartException {
        String mark = System.getProperty("diskport.archived");
        if (mark != null) {
            try {
                Files.write(Path.of(mark), new byte[0]);
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
