package io.diskport.cline;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An option of the command line and its value.
 *
 * @param option with its hyphens: {@code --blockdev}
 * @param text its value as it was given
 */
record Step(String option, String text) {
    /** The value of a secret's data, where every comma inside is doubled. */
    private static final Pattern DATA = Pattern.compile("(^|,)data=(?:,,|[^,])*");

    /** The steps in a list of options and their values, one after the other. */
    static List<Step> of(List<String> words) {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i + 1 < words.size(); i += 2) {
            steps.add(new Step(words.get(i), words.get(i + 1)));
        }
        return steps;
    }

    /** As messages show it: as it was given, without what must not be seen. */
    String shown() {
        if (text.isEmpty()) {
            return option;
        }
        if (option.equals("--object") && isJson()) {
            return option + " {...}"; // it may hold a secret
        }
        return option
                + " "
                + (option.equals("--object") ? DATA.matcher(text).replaceAll("$1data=...") : text);
    }

    boolean isJson() {
        return text.stripLeading().startsWith("{");
    }

    /** What is left of the value without the request for help in it; empty if there is none. */
    Optional<String> helpOn() {
        if (isJson()) {
            return Optional.empty();
        }
        List<String> elements = new ArrayList<>(elements(text));
        return elements.removeIf(element -> element.equals("help") || element.equals("?"))
                ? Optional.of(String.join(",", elements))
                : Optional.empty();
    }

    /** What stands between single commas; doubled ones stay doubled. */
    static List<String> elements(String text) {
        List<String> elements = new ArrayList<>();
        int begin = 0;
        for (int at = 0; at < text.length(); at++) {
            if (text.charAt(at) != ',') {
                continue;
            }
            if (at + 1 < text.length() && text.charAt(at + 1) == ',') {
                at++;
            } else {
                elements.add(text.substring(begin, at));
                begin = at + 1;
            }
        }
        if (begin < text.length()) {
            elements.add(text.substring(begin));
        }
        return elements;
    }
}
