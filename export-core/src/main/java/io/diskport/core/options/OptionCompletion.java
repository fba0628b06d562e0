package io.diskport.core.options;

import io.diskport.api.manage.OptionEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Says what could be typed next, where options are words of the form {@code name=value}. */
public final class OptionCompletion {
    private OptionCompletion() {}

    /**
     * Whole words that begin as the given one does.
     *
     * @param entries the options that there are
     * @param given the words before
     * @param word the beginning of a word, possibly empty
     * @param nodes asked for the names of nodes where one is to be typed
     * @param objects asked for the ids of objects where one is to be typed
     */
    public static List<String> complete(
            List<OptionEntry> entries,
            List<String> given,
            String word,
            Supplier<? extends Collection<String>> nodes,
            Supplier<? extends Collection<String>> objects) {
        int equals = word.indexOf('=');
        if (equals < 0) {
            return names(entries, given, word);
        }
        String name = word.substring(0, equals);
        List<String> words = new ArrayList<>();
        for (OptionEntry entry : entries) {
            if (isFor(entry, name)) {
                for (String value : values(entry, nodes, objects)) {
                    String whole = name + '=' + value;
                    if (whole.startsWith(word)) {
                        words.add(whole);
                    }
                }
            }
        }
        return words;
    }

    private static List<String> names(List<OptionEntry> entries, List<String> given, String word) {
        Set<String> there = new HashSet<>();
        for (String other : given) {
            int equals = other.indexOf('=');
            if (equals > 0) {
                there.add(other.substring(0, equals));
            }
        }
        List<String> words = new ArrayList<>();
        for (OptionEntry entry : entries) {
            if (entry.name().startsWith(word) && !there.contains(entry.name())) {
                words.add(entry.name() + '=');
            }
        }
        return words;
    }

    /** Whether the name is the entry's, or an element's of the list that it is. */
    private static boolean isFor(OptionEntry entry, String name) {
        return name.equals(entry.name())
                || entry.type().startsWith("list of ")
                        && name.matches(java.util.regex.Pattern.quote(entry.name()) + "\\.[0-9]+");
    }

    private static Collection<String> values(
            OptionEntry entry,
            Supplier<? extends Collection<String>> nodes,
            Supplier<? extends Collection<String>> objects) {
        return switch (entry.form()) {
            case NODE -> nodes.get();
            case OBJECT -> objects.get();
            case CHOICE -> entry.values();
            case VALUE, PATH -> List.of();
        };
    }
}
