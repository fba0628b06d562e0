package io.diskport.launcher;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ListIterator;
import java.util.Optional;

/**
 * The command line, as far as it matters before anything runs: what QEMU's storage daemon looks at
 * in its first pass, and the folders of Diskport.
 *
 * @param action what is asked for
 * @param conf the folder of desired objects, nodes and exports; empty for none
 * @param deploy the folder of drivers
 * @param var the folder of everything that changes; empty for one that goes with the run
 * @param shell whether the interactive shell is wanted
 * @param daemonize whether whoever started it goes on once everything is there
 * @param pidfile the file for the process id
 * @param steps what is to be made, in the order given: an option and its value, and so on
 */
record Arguments(
        Action action,
        Optional<Path> conf,
        Path deploy,
        Optional<Path> var,
        boolean shell,
        boolean daemonize,
        Optional<Path> pidfile,
        List<String> steps) {
    /** What is asked for. */
    enum Action {
        RUN,
        HELP,
        VERSION
    }

    /** What {@link #steps} is made of. */
    private static final List<String> STEPS =
            List.of(
                    "--blockdev",
                    "--chardev",
                    "--export",
                    "--monitor",
                    "--nbd-server",
                    "--object",
                    "--trace");

    private static final List<String> SWITCHES =
            List.of("--shell", "--daemonize", "--help", "--version");

    /** What stands in a command line, in the order in which it is met. */
    private static final class Reader {
        private final ListIterator<String> rest;
        private final List<String> steps = new ArrayList<>();
        private Action action = Action.RUN;
        private Path conf;
        private Path deploy;
        private Path var;
        private Path pidfile;
        private boolean shell;
        private boolean daemonize;

        Reader(List<String> words) {
            rest = words.listIterator();
        }

        /** Help and version end it: what comes behind them does not matter. */
        void read() throws StartException {
            while (rest.hasNext() && action == Action.RUN) {
                String word = rest.next();
                if (word.startsWith("--") && word.length() > 2) {
                    int equals = word.indexOf('=');
                    option(
                            equals < 0 ? word : word.substring(0, equals),
                            equals < 0
                                    ? Optional.empty()
                                    : Optional.of(word.substring(equals + 1)));
                } else if (word.startsWith("-T")) {
                    option(
                            "--trace",
                            word.length() == 2 ? Optional.empty() : Optional.of(word.substring(2)));
                } else if (word.equals("-h")) {
                    action = Action.HELP;
                } else if (word.equals("-V")) {
                    action = Action.VERSION;
                } else if (word.startsWith("-") && word.length() > 1 && !word.equals("--")) {
                    throw new StartException("unrecognized option '" + word + "'" + SEE);
                } else {
                    throw new StartException(word + ": Unexpected argument" + SEE);
                }
            }
        }

        private void option(String option, Optional<String> value) throws StartException {
            if (SWITCHES.contains(option) && value.isPresent()) {
                throw new StartException("option '" + option + "' doesn't allow an argument");
            }
            switch (option) {
                case "--conf" -> conf = path(option, value(option, value));
                case "--deploy" -> deploy = path(option, value(option, value));
                case "--var" -> var = path(option, value(option, value));
                case "--pidfile" -> pidfile = path(option, value(option, value));
                case "--shell" -> shell = true;
                case "--daemonize" -> daemonize = true;
                case "--help" -> action = Action.HELP;
                case "--version" -> action = Action.VERSION;
                default -> {
                    if (!STEPS.contains(option)) {
                        throw new StartException("unrecognized option '" + option + "'" + SEE);
                    }
                    steps.add(option);
                    steps.add(value(option, value));
                }
            }
        }

        private String value(String option, Optional<String> value) throws StartException {
            if (value.isEmpty() && !rest.hasNext()) {
                throw new StartException("option '" + option + "' requires an argument");
            }
            return value.isPresent() ? value.get() : rest.next();
        }
    }

    private static final String SEE = "; see diskport --help";

    /**
     * Whether the command line itself says what there is to be, as QEMU's storage daemon's does.
     */
    boolean isCommanded() {
        return !steps.isEmpty() || daemonize || pidfile.isPresent();
    }

    /**
     * Reads a command line.
     *
     * @param home the folder whose conf, deploy and var are meant where none is named
     * @param environmentVar the folder for var that the environment names, or null
     * @throws StartException for a mistake
     */
    static Arguments parse(List<String> words, Path home, String environmentVar)
            throws StartException {
        Reader read = new Reader(words);
        if (environmentVar != null && !environmentVar.isEmpty()) {
            read.var = path("DISKPORT_VAR", environmentVar);
        }
        read.read();
        if (read.shell && read.daemonize) {
            throw new StartException(
                    "--shell needs this terminal, which --daemonize leaves: give one of them, and use"
                            + " diskport shell later");
        }
        boolean commanded = !read.steps.isEmpty() || read.daemonize || read.pidfile != null;
        Optional<Path> conf = Optional.ofNullable(read.conf);
        Optional<Path> var = Optional.ofNullable(read.var);
        boolean own = commanded || read.action != Action.RUN;
        return new Arguments(
                read.action,
                own ? conf : conf.or(() -> Optional.of(home.resolve("conf"))),
                read.deploy == null ? home.resolve("deploy") : read.deploy,
                own ? var : var.or(() -> Optional.of(home.resolve("var"))),
                read.shell,
                read.daemonize,
                Optional.ofNullable(read.pidfile),
                List.copyOf(read.steps));
    }

    private static Path path(String option, String value) throws StartException {
        if (value.isEmpty()) {
            throw new StartException(option + " needs a path, and was given an empty one");
        }
        try {
            return Path.of(value).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new StartException(option + ": '" + value + "' cannot be a path", e);
        }
    }
}
