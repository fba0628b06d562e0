package io.diskport.shell;

import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.jline.reader.Candidate;
import org.jline.reader.ParsedLine;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * The function that etc/gosh_profile names to gogo.jline's {@code complete}; the underscore keeps
 * it out of the list of commands.
 */
@Component(
        service = Completion.class,
        property = {Command.SCOPE, Command.NAME + "_complete"})
public final class Completion implements Function {
    private final Completer completer;

    @Activate
    public Completion(@Reference Completer completer) {
        this.completer = completer;
    }

    @Override
    public Object execute(CommandSession session, List<Object> arguments) {
        // jline's reader and gogo.jline's shell agree on this variable while they complete.
        return session.get(".commandLine") instanceof ParsedLine line
                ? candidates(line)
                : List.of();
    }

    private List<Candidate> candidates(ParsedLine line) {
        String word = line.word().substring(0, line.wordCursor());
        return completer.complete(line.words().subList(0, line.wordIndex()), word).stream()
                .map(found -> new Candidate(found, found, null, null, null, null, ends(found)))
                .toList();
    }

    /** Whether a space may follow at once. */
    private static boolean ends(String found) {
        return !found.endsWith("=") && !found.endsWith("/") && !found.endsWith(".");
    }
}
