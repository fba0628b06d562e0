package io.diskport.qmp.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** What stands between the quotes of a string. */
final class JsonStrings {
    private static final int HEX = 16;
    private static final int CODE_LENGTH = 4;

    private JsonStrings() {}

    /** The string of a token, whose quotes and escapes the lexer has seen to be complete. */
    static String decode(byte[] token) throws JsonException {
        String raw;
        try {
            raw = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(token)).toString();
        } catch (CharacterCodingException e) {
            throw JsonException.parse("invalid UTF-8 sequence in string");
        }
        if (raw.indexOf('\\') < 0) {
            return raw.substring(1, raw.length() - 1);
        }
        StringBuilder string = new StringBuilder(raw.length());
        int at = 1;
        while (at < raw.length() - 1) {
            char c = raw.charAt(at++);
            if (c != '\\') {
                string.append(c);
                continue;
            }
            char escape = raw.charAt(at++);
            if (escape == 'u') {
                at = unicode(raw, at, string);
            } else {
                string.append(simple(escape));
            }
        }
        return string.toString();
    }

    private static char simple(char escape) throws JsonException {
        return switch (escape) {
            case '"', '\'', '\\', '/' -> escape;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> throw JsonException.parse("invalid escape sequence in string");
        };
    }

    /** Adds the character whose number begins at a place, and says where it ends. */
    private static int unicode(String raw, int begin, StringBuilder string) throws JsonException {
        int first = code(raw, begin);
        int end = begin + CODE_LENGTH;
        if (first >= 0 && !Character.isSurrogate((char) first)) {
            string.append((char) first);
            return end;
        }
        if (first >= 0 && Character.isHighSurrogate((char) first) && raw.startsWith("\\u", end)) {
            int second = code(raw, end + 2);
            if (second >= 0 && Character.isLowSurrogate((char) second)) {
                string.append((char) first).append((char) second);
                return end + 2 + CODE_LENGTH;
            }
        }
        String shown = raw.substring(begin, Math.min(end, raw.length()));
        throw JsonException.parse("\\u" + shown + " is not a valid Unicode character");
    }

    /** The number of four hexadecimal digits; -1 if there are others. */
    private static int code(String raw, int at) {
        if (at + CODE_LENGTH >= raw.length()) {
            return -1;
        }
        int code = 0;
        for (int i = at; i < at + CODE_LENGTH; i++) {
            char c = raw.charAt(i);
            int digit = c < 128 ? Character.digit(c, HEX) : -1;
            if (digit < 0) {
                return -1;
            }
            code = code * HEX + digit;
        }
        return code;
    }
}
