package io.diskport.shell;

import io.diskport.api.BlockException;
import java.io.PrintStream;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Process;

/**
 * A command of the shell. Gogo finds it by the service properties osgi.command.scope and
 * osgi.command.function, and calls it as a function, whose words arrive as they were typed.
 *
 * <p>A refusal is one line on the error stream and status 1, without a stack trace.
 */
abstract class Command implements Function {
    /** The scope of all commands here. */
    static final String SCOPE = "osgi.command.scope=diskport";

    /** Beginning of the property that names the command. */
    static final String NAME = "osgi.command.function=";

    private final Manual manual;
    private final Set<String> switches;
    private final Set<String> settings;

    Command(Manual manual, Set<String> switches, Set<String> settings) {
        this.manual = manual;
        this.switches = switches;
        this.settings = settings;
    }

    final Manual manual() {
        return manual;
    }

    /** The options that it has, each as it is typed. */
    final Stream<String> options() {
        return Stream.of(switches.stream(), settings.stream(), Stream.of("--help"))
                .flatMap(all -> all)
                .sorted();
    }

    /** Does what the words ask for. */
    abstract void run(Words words, Screen screen) throws BlockException, InterruptedException;

    /** As {@link #run(Words, Screen)}, for the few that need the session. */
    void run(CommandSession session, Words words, Screen screen)
            throws BlockException, InterruptedException {
        run(words, screen);
    }

    @Override
    public final Object execute(CommandSession session, List<Object> arguments) {
        Process process = Process.Utils.current();
        PrintStream out = process == null ? System.out : process.out();
        PrintStream err = process == null ? System.err : process.err();
        boolean terminal = process != null && process.isTty(1);
        List<String> words = arguments.stream().map(String::valueOf).toList();
        if (!execute(session, words, new Screen(out, terminal), err) && process != null) {
            process.error(1);
        }
        return null;
    }

    /**
     * Runs, and says what went wrong.
     *
     * @return whether nothing did
     */
    final boolean execute(
            CommandSession session, List<String> words, Screen screen, PrintStream err) {
        try {
            if (words.contains("--help") || words.equals(List.of("-h"))) {
                screen.print(manual.text());
            } else {
                run(session, new Words(manual, switches, settings, words), screen);
            }
            return true;
        } catch (BlockException e) {
            Screen.write(err, oneLine(manual.name() + ": " + e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            // A mistake of ours. Gogo's variable of that name, for who wants the stack.
            session.put("exception", e);
            Screen.write(err, oneLine(manual.name() + ": internal error: " + e));
        }
        return false;
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ") + System.lineSeparator();
    }
}
