package io.diskport.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** A daemon with its shell, whose standard input is a pipe that stays open. */
final class Shell extends Daemon {
    private static final String PROMPT = "diskport> ";
    private static final Duration ANSWER = Duration.ofSeconds(30);

    private final Writer input;
    private int marks;

    Shell(Site site, List<String> before) {
        super(site, Distribution.javaHome(), before, List.of("--shell"));
        input = process().outputWriter(StandardCharsets.UTF_8);
    }

    static Shell start(Site site) {
        return new Shell(site, List.of());
    }

    /** Types a command and answers with what it printed, without prompts. */
    String type(String command) {
        return type(command, ANSWER);
    }

    synchronized String type(String command, Duration deadline) {
        String mark = "mark-" + ++marks + "-";
        send("echo " + mark + "begin\n" + command + "\necho " + mark + "end\n");
        String begin = mark + "begin\n";
        String end = mark + "end\n";
        Await.until(
                () -> "an answer to '" + command + "'; it printed: " + output() + log(),
                deadline,
                () -> output().contains(end) || !runs());
        String all = output();
        if (!all.contains(end)) {
            throw new AssertionError("the daemon has ended: " + all + log());
        }
        return all.substring(all.indexOf(begin) + begin.length(), all.indexOf(end))
                .replace(PROMPT, "");
    }

    /** Types a command that is to do what it says. */
    void perform(String command) {
        String said = type(command);
        if (said.startsWith(command.substring(0, command.indexOf(' ')) + ":")) {
            throw new AssertionError(command + ": " + said);
        }
    }

    /** Waits until a command prints a text. */
    String awaitOutput(String command, String text, Duration deadline) {
        String[] last = new String[1];
        Await.until(
                () -> command + " prints '" + text + "'; it prints: " + last[0],
                deadline,
                () -> (last[0] = type(command)).contains(text));
        return last[0];
    }

    /** Waits until the line of a table that begins with a word holds a text. */
    String awaitRow(String command, String first, String text, Duration deadline) {
        String[] last = new String[1];
        Await.until(
                () -> first + " of " + command + " says '" + text + "'; it says: " + last[0],
                deadline,
                () -> (last[0] = row(type(command), first)).contains(text));
        return last[0];
    }

    /** Waits until everything that is deployed has been looked at once. */
    Shell ready() {
        awaitRow("drivers", "node    file", "serving", START);
        return this;
    }

    /** Closes standard input. */
    void closeInput() throws IOException {
        input.close();
    }

    /** The line of a table that begins with a text; empty if there is none. */
    static String row(String table, String first) {
        return table.lines().filter(line -> line.startsWith(first)).findFirst().orElse("");
    }

    @Override
    String log() {
        return read(site().var().resolve("diskport.log"));
    }

    void send(String text) {
        try {
            input.write(text);
            input.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the shell does not listen: " + log(), e);
        }
    }
}
