package io.diskport.shell;

import java.util.List;

/**
 * What a command says of itself.
 *
 * @param name the command's
 * @param summary one line without a full stop
 * @param synopsis how it is called, without its name; one line a way
 * @param details more lines, or empty
 * @param examples whole command lines
 */
record Manual(
        String name, String summary, List<String> synopsis, String details, List<String> examples) {
    /** As {@code NAME --help} prints it. */
    String text() {
        StringBuilder text = new StringBuilder();
        text.append("%s: %s%n%nUsage:%n".formatted(name, summary));
        for (String way : synopsis) {
            text.append("  %s %s".formatted(name, way).stripTrailing()).append('\n');
        }
        if (!details.isEmpty()) {
            text.append('\n').append(details.stripTrailing()).append('\n');
        }
        text.append(examples.size() == 1 ? "\nExample:\n" : "\nExamples:\n");
        examples.forEach(example -> text.append("  ").append(example).append('\n'));
        return text.toString();
    }

    /** For the message after a mistake. */
    String usage() {
        return synopsis.stream()
                .map(way -> (name + " " + way).strip())
                .reduce((one, other) -> one + ", or " + other)
                .orElse(name);
    }
}
