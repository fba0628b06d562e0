package io.diskport.core.options;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads one JSON object (RFC 8259), strictly: no key twice, nothing behind it, bounded depth. */
final class JsonReader {
    private final String text;
    private int at;
    private int depth;

    JsonReader(String text) {
        this.text = text;
    }

    /** The object that the whole text is. */
    Map<String, Object> object() throws BlockException {
        skipSpace();
        expect('{');
        Map<String, Object> object = members();
        skipSpace();
        if (at < text.length()) {
            throw wrong("nothing may follow the object");
        }
        return object;
    }

    private Map<String, Object> members() throws BlockException {
        enter();
        Map<String, Object> members = new LinkedHashMap<>();
        skipSpace();
        if (!take('}')) {
            do {
                skipSpace();
                int keyAt = at;
                expect('"');
                String key = string();
                skipSpace();
                expect(':');
                if (members.containsKey(key)) {
                    at = keyAt;
                    throw wrong("the key '" + OptionTree.shown(key) + "' is there twice");
                }
                members.put(key, value());
                skipSpace();
            } while (take(','));
            expect('}');
        }
        depth--;
        return members;
    }

    private List<Object> elements() throws BlockException {
        enter();
        List<Object> elements = new ArrayList<>();
        skipSpace();
        if (!take(']')) {
            do {
                elements.add(value());
                skipSpace();
            } while (take(','));
            expect(']');
        }
        depth--;
        return elements;
    }

    private Object value() throws BlockException {
        skipSpace();
        if (at == text.length()) {
            throw wrong("a value is missing");
        }
        char c = text.charAt(at);
        switch (c) {
            case '{':
                at++;
                return members();
            case '[':
                at++;
                return elements();
            case '"':
                at++;
                return string();
            case 't':
                return word("true", true);
            case 'f':
                return word("false", false);
            case 'n':
                throw wrong("null is no value of an option; leave the option out");
            default:
                return number();
        }
    }

    private Object word(String word, Object value) throws BlockException {
        if (!text.startsWith(word, at)) {
            throw wrong("'" + word + "' is expected");
        }
        at += word.length();
        return value;
    }

    private Object number() throws BlockException {
        int begin = at;
        take('-');
        if (!take('0')) {
            digits();
        }
        boolean whole = true;
        if (take('.')) {
            digits();
            whole = false;
        }
        if (take('e') || take('E')) {
            if (!take('+')) {
                take('-');
            }
            digits();
            whole = false;
        }
        String number = text.substring(begin, at);
        try {
            if (whole) {
                return Long.valueOf(number);
            }
            double real = Double.parseDouble(number);
            if (Double.isFinite(real)) {
                return real;
            }
        } catch (NumberFormatException e) {
            throw tooLarge(begin, number, e);
        }
        throw tooLarge(begin, number, null);
    }

    private BlockException tooLarge(int begin, String number, Throwable cause) {
        at = begin;
        BlockException e = wrong("the number " + OptionTree.shown(number) + " is too large");
        e.initCause(cause);
        return e;
    }

    private void digits() throws BlockException {
        int begin = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == begin) {
            throw wrong("a value is expected");
        }
    }

    private String string() throws BlockException {
        StringBuilder string = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return string.toString();
            }
            if (c < ' ') {
                throw wrong("a control character in a string has to be written as \\u0000");
            }
            at++;
            string.append(c == '\\' ? escape() : c);
        }
        throw wrong("a string does not end");
    }

    private char escape() throws BlockException {
        char c = at < text.length() ? text.charAt(at) : ' ';
        int simple = "\"\\/bfnrt".indexOf(c);
        if (simple >= 0) {
            at++;
            return "\"\\/\b\f\n\r\t".charAt(simple);
        }
        if (c != 'u' || at + 5 > text.length()) {
            throw wrong("an escape in a string is none of JSON's");
        }
        int code = 0;
        for (int i = at + 1; i < at + 5; i++) {
            char hex = text.charAt(i);
            int digit = hex < 128 ? Character.digit(hex, 16) : -1;
            if (digit < 0) {
                throw wrong("an escape in a string is none of JSON's");
            }
            code = code << 4 | digit;
        }
        at += 5;
        return (char) code;
    }

    private void enter() throws BlockException {
        if (++depth > OptionTree.MAXIMUM_DEPTH) {
            throw wrong("it is nested deeper than " + OptionTree.MAXIMUM_DEPTH + " levels");
        }
    }

    private void skipSpace() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private boolean take(char c) {
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char c) throws BlockException {
        if (!take(c)) {
            throw wrong("'" + c + "' is expected");
        }
    }

    private BlockException wrong(String what) {
        return new BlockException(
                Reason.INVALID, "The JSON is wrong at character " + (at + 1) + ": " + what);
    }
}
