package io.diskport.shell;

import io.diskport.api.manage.Entry;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Values as people read them. */
final class Texts {
    private static final String OURS = "io.diskport.";

    private Texts() {}

    /** A bundle's symbolic name, without what all of ours begin with. */
    static String bundle(String symbolicName) {
        return symbolicName.startsWith(OURS) ? symbolicName.substring(OURS.length()) : symbolicName;
    }

    /** As it would be typed: true is on, a nested map has dotted names, a list commas. */
    static String value(Object value) {
        if (value instanceof Boolean on) {
            return on ? "on" : "off";
        }
        if (value instanceof Collection<?> list) {
            return list.stream().map(Texts::value).collect(Collectors.joining(","));
        }
        return String.valueOf(value);
    }

    /** Adds to a target every option under its dotted name. */
    static void flatten(String prefix, Map<String, ?> options, Map<String, String> target) {
        options.forEach(
                (name, value) -> {
                    if (value instanceof Map<?, ?> nested) {
                        Map<String, Object> inner =
                                nested.entrySet().stream()
                                        .collect(
                                                Collectors.toMap(
                                                        entry -> String.valueOf(entry.getKey()),
                                                        entry -> (Object) entry.getValue()));
                        flatten(prefix + name + ".", inner, target);
                    } else {
                        target.put(prefix + name, value(value));
                    }
                });
    }

    /** Who wants an entry to be there. */
    static String askedBy(Entry entry) {
        return entry.desired() ? "configuration" : "hand";
    }

    /** An entry's options, one a line. */
    static String options(Entry entry) {
        Map<String, String> flat = new TreeMap<>();
        flatten("", entry.options(), flat);
        return lines(flat);
    }

    /** Names and values, one pair a line. */
    static String lines(Map<String, String> values) {
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining("\n"));
    }
}
