package io.diskport.launcher;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ListIterator;
import java.util.Optional;

/**
 * The programs behind {@code diskport ctl} and {@code diskport shell}: they have a daemon that runs
 * already do what its own shell would, over its control socket.
 */
public final class Ctl {
    static final int FAILED = 1;
    static final int UNREACHABLE = 2;

    private static final int INTERRUPTED = 130;

    private static final String HELP =
            """
            Usage: diskport ctl [--var DIR] COMMAND [WORD]...
                   diskport ctl [--var DIR] 'LINE'
                   diskport shell [--var DIR]

            Runs one command of the shell, or its lines as they are typed, in a Diskport that runs
            already. Words reach the command as they are; a single word with spaces in it is a line
            of the shell, as it would be typed there. 'diskport ctl help' lists the commands. In
            'diskport shell' the tab key completes, and 'exit' leaves it; 'diskport ctl exit' ends the
            daemon.

              --var DIR   the folder var of that Diskport (default: DISKPORT_VAR, or var beside bin,
                          or that of the only one which this user runs with a var of its own)

            Exit status: that of the last command, 0 or 1; 2 if there is no daemon to talk to; 130
            after Ctrl-C.
            """;

    private final ControlChannel channel;
    private volatile boolean busy;

    private Ctl(ControlChannel channel) {
        this.channel = channel;
    }

    /**
     * Runs it, and exits with its status.
     *
     * @param words the folder of Diskport, {@code ctl} or {@code shell}, and what was typed
     */
    public static void main(String... words) {
        int status;
        try {
            status = run(Path.of(words[0]), words[1], List.of(words).subList(2, words.length));
        } catch (StartException e) {
            System.err.println("diskport " + words[1] + ": " + e.getMessage());
            status = e.getCause() == null ? FAILED : UNREACHABLE;
        }
        System.exit(status);
    }

    private static int run(Path home, String mode, List<String> words) throws StartException {
        boolean shell = mode.equals("shell");
        String named = System.getenv("DISKPORT_VAR");
        ListIterator<String> rest = words.listIterator();
        List<String> command = new ArrayList<>();
        while (rest.hasNext()) {
            String word = rest.next();
            if (word.equals("--help") || word.equals("-h")) {
                System.out.print(HELP);
                return 0;
            } else if (word.startsWith("--var=")) {
                named = word.substring("--var=".length());
            } else if (word.equals("--var") && rest.hasNext()) {
                named = rest.next();
            } else if (word.startsWith("-")) {
                throw new StartException(
                        "unrecognized option '" + word + "'; see diskport " + mode + " --help");
            } else {
                command.add(word);
                rest.forEachRemaining(command::add);
            }
        }
        if (shell != command.isEmpty()) {
            throw new StartException(
                    shell
                            ? "'" + command.get(0) + "': a command is for diskport ctl"
                            : "which command? See diskport ctl help");
        }
        Path socket = socket(home, named);
        try (ControlChannel channel = connect(socket)) {
            Ctl ctl = new Ctl(channel);
            return shell ? ctl.lines() : ctl.command(command);
        } catch (IOException e) {
            throw new StartException(
                    "the Diskport at " + socket + " says no more: " + Folders.reason(e), e);
        }
    }

    private static ControlChannel connect(Path socket) throws StartException {
        try {
            return ControlChannel.connect(socket);
        } catch (IOException e) {
            throw new StartException(
                    "no Diskport answers at "
                            + socket
                            + " ("
                            + (Files.exists(socket.getParent())
                                    ? Folders.reason(e)
                                    : "No such folder")
                            + "): start one, or name its folder with --var",
                    e);
        }
    }

    /** Where the daemon listens; without a name also one whose var is its own. */
    private static Path socket(Path home, String named) throws StartException {
        if (named != null && !named.isEmpty()) {
            return Path.of(named).toAbsolutePath().resolve("control");
        }
        Path usual = home.resolve("var").resolve("control");
        if (Files.exists(usual)) {
            return usual;
        }
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> runs =
                Files.newDirectoryStream(PrivateVar.parent(), PrivateVar.PREFIX + "*")) {
            for (Path run : runs) {
                if (Files.isReadable(run) && Files.exists(run.resolve("control"))) {
                    found.add(run.resolve("control"));
                }
            }
        } catch (IOException e) {
            return usual;
        }
        if (found.size() > 1) {
            StringBuilder all = new StringBuilder();
            found.forEach(socket -> all.append(' ').append(socket.getParent()));
            throw new StartException("several run; name the folder of one with --var:" + all);
        }
        return found.isEmpty() ? usual : found.get(0);
    }

    private int command(List<String> words) throws IOException {
        if (words.size() == 1 && words.get(0).indexOf(' ') >= 0) {
            channel.send(ControlChannel.LINE, words.get(0));
        } else {
            channel.send(ControlChannel.WORDS, String.join("\0", words));
        }
        return answer();
    }

    private int lines() throws IOException {
        Lines lines = input();
        int status = 0;
        while (true) {
            Optional<String> next = lines.next();
            if (next.isEmpty()) {
                return status;
            }
            String line = next.get().strip();
            if (line.equals("exit") || line.equals("quit")) {
                return status;
            }
            if (!line.isEmpty()) {
                busy = true;
                channel.send(ControlChannel.LINE, line);
                status = answer();
                busy = false;
            }
        }
    }

    private Lines input() throws IOException {
        if (Boolean.getBoolean("diskport.terminal")) {
            return new TerminalLines(this::candidates, this::interrupt);
        }
        Signals.on(this::interrupt, "INT");
        BufferedReader input =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        return () -> Optional.ofNullable(input.readLine());
    }

    /** Asks the daemon what could stand for the last of some words. */
    private List<String> candidates(List<String> words) {
        try {
            channel.send(ControlChannel.WORDS, "_candidates\0" + String.join("\0", words));
            ByteArrayOutputStream said = new ByteArrayOutputStream();
            answer(said, OutputStream.nullOutputStream());
            return said.toString(StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            return List.of(); // The next command hears of it.
        }
    }

    /** Ends what runs in the daemon; where nothing does, this shell. */
    private void interrupt() {
        try {
            if (busy) {
                channel.send(ControlChannel.INTERRUPT, "");
                return;
            }
        } catch (IOException e) {
            // Whoever waits for an answer hears of it.
        }
        Runtime.getRuntime().halt(INTERRUPTED);
    }

    private int answer() throws IOException {
        return answer(System.out, System.err);
    }

    /** Prints what the daemon says until it says the command's status. */
    private int answer(OutputStream out, OutputStream err) throws IOException {
        while (true) {
            ControlChannel.Frame frame = channel.receive();
            switch (frame.kind()) {
                case ControlChannel.OUTPUT -> {
                    out.write(frame.content());
                    out.flush();
                }
                case ControlChannel.ERROR -> err.write(frame.content());
                case ControlChannel.STATUS -> {
                    return ByteBuffer.wrap(frame.content()).getInt();
                }
                default -> throw new IOException("it does not speak as Diskport does");
            }
            if (System.out.checkError()) {
                return FAILED; // Whoever read it has gone.
            }
        }
    }
}
