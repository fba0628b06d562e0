package io.diskport.core.objects;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * A pattern of a shell, as POSIX's fnmatch takes it without flags: {@code *} is anything, slashes
 * too, {@code ?} one character, {@code [a-z]} one of a set, {@code [!a-z]} one not of it; a
 * backslash takes the next character as it is.
 *
 * <p>No regular expression, as peers choose what is compared: its time is the product of the
 * lengths at the most.
 */
final class Glob {
    /** Stands for any number of characters among those that stand for one. */
    private static final IntPredicate ANYTHING =
            new IntPredicate() {
                @Override
                public boolean test(int character) {
                    return true;
                }
            };

    private final List<IntPredicate> parts = new ArrayList<>();

    Glob(String pattern) {
        int at = 0;
        while (at < pattern.length()) {
            char c = pattern.charAt(at);
            int end = c == '[' ? endOfSet(pattern, at) : -1;
            if (c == '*') {
                parts.add(ANYTHING);
                at++;
            } else if (c == '?') {
                parts.add(character -> true);
                at++;
            } else if (end > 0) {
                parts.add(set(pattern.substring(at + 1, end)));
                at = end + 1;
            } else {
                boolean escaped = c == '\\' && at + 1 < pattern.length();
                char literal = escaped ? pattern.charAt(at + 1) : c;
                parts.add(character -> character == literal);
                at += escaped ? 2 : 1;
            }
        }
    }

    boolean matches(String text) {
        int part = 0;
        int at = 0;
        int star = -1;
        int starAt = 0;
        while (at < text.length()) {
            if (part < parts.size() && parts.get(part) == ANYTHING) {
                star = part++;
                starAt = at;
            } else if (part < parts.size() && parts.get(part).test(text.charAt(at))) {
                part++;
                at++;
            } else if (star >= 0) {
                // The last star takes one character more; earlier ones need not.
                part = star + 1;
                at = ++starAt;
            } else {
                return false;
            }
        }
        while (part < parts.size() && parts.get(part) == ANYTHING) {
            part++;
        }
        return part == parts.size();
    }

    /** The index of the bracket that ends a set; a first one belongs to it. -1 if there is none. */
    private static int endOfSet(String pattern, int start) {
        int first = start + 1;
        if (first < pattern.length() && isNegation(pattern.charAt(first))) {
            first++;
        }
        return pattern.indexOf(']', first + 1);
    }

    private static boolean isNegation(char c) {
        return c == '!' || c == '^';
    }

    private static IntPredicate set(String content) {
        boolean negated = isNegation(content.charAt(0));
        String members = negated ? content.substring(1) : content;
        return character -> isIn(members, character) != negated;
    }

    private static boolean isIn(String members, int character) {
        int at = 0;
        while (at < members.length()) {
            boolean range = at + 2 < members.length() && members.charAt(at + 1) == '-';
            int last = range ? at + 2 : at;
            if (members.charAt(at) <= character && character <= members.charAt(last)) {
                return true;
            }
            at = last + 1;
        }
        return false;
    }
}
