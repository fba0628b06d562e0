package io.diskport.launcher;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/**
 * Lines of a person, who edits and completes them. What was typed is remembered until the end of
 * this shell and written nowhere: it may hold secrets.
 */
final class TerminalLines implements Lines {
    private static final String PROMPT = "diskport> ";
    private static final Size USUAL = new Size(80, 24);

    private final LineReader reader;

    /**
     * Takes the terminal.
     *
     * @param completer says what could stand for the last of some words
     * @param interrupt called on Ctrl-C between two lines
     */
    TerminalLines(Function<List<String>, List<String>> completer, Runnable interrupt)
            throws IOException {
        Terminal terminal = TerminalBuilder.builder().system(true).dumb(true).build();
        if (terminal.getWidth() == 0) {
            terminal.setSize(USUAL); // A serial console has none, and without one no line is shown.
        }
        terminal.handle(Terminal.Signal.INT, signal -> interrupt.run());
        reader =
                LineReaderBuilder.builder()
                        .terminal(terminal)
                        .completer(
                                (asking, line, candidates) ->
                                        completer.apply(words(line)).stream()
                                                .map(TerminalLines::candidate)
                                                .forEach(candidates::add))
                        // An exclamation mark is one.
                        .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                        .build();
    }

    private static List<String> words(ParsedLine line) {
        List<String> words = new ArrayList<>(line.words().subList(0, line.wordIndex()));
        words.add(line.word().substring(0, line.wordCursor()));
        return words;
    }

    private static Candidate candidate(String word) {
        boolean whole = !word.endsWith("=") && !word.endsWith("/") && !word.endsWith(".");
        return new Candidate(word, word, null, null, null, null, whole);
    }

    @Override
    public Optional<String> next() {
        try {
            return Optional.of(reader.readLine(PROMPT));
        } catch (UserInterruptException e) {
            return Optional.of(""); // Ctrl-C takes back what was typed.
        } catch (EndOfFileException e) {
            return Optional.empty();
        }
    }
}
