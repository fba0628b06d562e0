package io.diskport.launcher;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.ListIterator;

/**
 * The command line.
 *
 * @param action what is asked for
 * @param conf the folder of desired objects, nodes and exports
 * @param deploy the folder of drivers
 * @param var the folder of everything that changes
 * @param shell whether the interactive shell is wanted
 */
record Arguments(Action action, Path conf, Path deploy, Path var, boolean shell) {
    /** What is asked for. */
    enum Action {
        RUN,
        HELP,
        VERSION
    }

    static final String HELP =
            """
            Usage: diskport [OPTION]...
                   diskport demo

            Exports block nodes: runs in the foreground, with what the files in conf/ ask for, until
            SIGTERM or SIGINT, and logs to standard error.

              --shell        the interactive shell on this terminal; its exit ends Diskport
              --conf DIR     desired objects, nodes and exports (default: conf beside bin)
              --deploy DIR   drivers, as bundles that come and go (default: deploy beside bin)
              --var DIR      everything that changes in a run (default: var beside bin)
              --version      the version
              --help         this text

              demo           exports a disk image of 256 MiB in ./demo through FUSE, with the shell

            Environment:
              JAVA_HOME           the Java to run on, 17 or newer (default: java of the PATH)
              DISKPORT_VAR        as --var
              DISKPORT_JAVA_OPTS  options for Java, after those that Diskport sets, for instance
                                  -Xmx1g, or -Ddiskport.log.level=DEBUG (ERROR, WARN, INFO, DEBUG)

            Exit status: 0 after an orderly end, 1 if Diskport cannot start or cannot end in order,
            2 for a mistake on the command line.
            """;

    /**
     * Reads a command line.
     *
     * @param home the folder whose conf, deploy and var are meant where none is named
     * @param environmentVar the folder for var that the environment names, or null
     * @throws StartException for a mistake
     */
    static Arguments parse(List<String> words, Path home, String environmentVar)
            throws StartException {
        Path conf = home.resolve("conf");
        Path deploy = home.resolve("deploy");
        Path var =
                environmentVar == null || environmentVar.isEmpty()
                        ? home.resolve("var")
                        : path("DISKPORT_VAR", environmentVar);
        boolean shell = false;
        Action action = Action.RUN;
        ListIterator<String> rest = words.listIterator();
        while (rest.hasNext()) {
            String word = rest.next();
            int equals = word.startsWith("--") ? word.indexOf('=') : -1;
            String option = equals < 0 ? word : word.substring(0, equals);
            if (equals >= 0 && List.of("--shell", "--help", "--version").contains(option)) {
                throw new StartException(option + " takes no value, and was given '" + word + "'");
            }
            switch (option) {
                case "--conf" -> conf = path(option, value(word, equals, rest));
                case "--deploy" -> deploy = path(option, value(word, equals, rest));
                case "--var" -> var = path(option, value(word, equals, rest));
                case "--shell" -> shell = true;
                case "--help", "-h" -> action = Action.HELP;
                case "--version" -> action = action == Action.HELP ? action : Action.VERSION;
                default ->
                        throw new StartException(
                                "unknown argument '" + word + "': see diskport --help");
            }
        }
        return new Arguments(action, conf, deploy, var, shell);
    }

    private static String value(String word, int equals, ListIterator<String> rest)
            throws StartException {
        if (equals >= 0) {
            return word.substring(equals + 1);
        }
        if (!rest.hasNext()) {
            throw new StartException(word + " needs a folder behind it");
        }
        return rest.next();
    }

    private static Path path(String option, String value) throws StartException {
        if (value.isEmpty()) {
            throw new StartException(option + " needs a folder, and was given an empty name");
        }
        try {
            return Path.of(value).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new StartException(option + ": '" + value + "' cannot be a folder's name", e);
        }
    }
}
