package io.diskport.qmp.json;

import io.diskport.qmp.json.JsonToken.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Makes tokens of bytes, one byte at a time.
 *
 * <p>What no token can be is reported once; after it everything is skipped up to the next
 * punctuation mark, control character, or byte that UTF-8 does not have, as QEMU does.
 */
final class JsonLexer {
    /** Takes what is found. */
    interface Sink {
        void token(JsonToken token);

        /** Something is no token. */
        void stray(String text);

        /** A token is longer than is taken. */
        void tooLong();
    }

    private enum State {
        START,
        STRING,
        ESCAPE,
        MINUS,
        ZERO,
        DIGITS,
        POINT,
        FRACTION,
        EXPONENT,
        EXPONENT_SIGN,
        EXPONENT_DIGITS,
        KEYWORD,
        RECOVERY
    }

    /** The least byte that is never in UTF-8; a client may send it to be sure of a new start. */
    private static final int NEVER_IN_UTF_8 = 0xFE;

    private final Sink sink;
    private final int longest;
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private State state = State.START;
    private int quote;

    /**
     * @param longest how many bytes a token may have
     */
    JsonLexer(int longest, Sink sink) {
        this.longest = longest;
        this.sink = sink;
    }

    /** Takes the next byte, 0 to 255. */
    void feed(int c) {
        while (!consume(c)) {
            // It ended a token and does not belong to it.
            continue;
        }
        if (text.size() > longest) {
            reset(State.RECOVERY);
            sink.tooLong();
        }
    }

    private boolean consume(int c) {
        return switch (state) {
            case START -> start(c);
            case STRING -> string(c);
            case ESCAPE -> isControl(c) ? stray(c) : go(State.STRING, c);
            case MINUS ->
                    c == '0' ? go(State.ZERO, c) : isDigit(c) ? go(State.DIGITS, c) : stray(c);
            case ZERO -> isDigit(c) ? stray(c) : wholePart(c);
            case DIGITS -> isDigit(c) ? go(State.DIGITS, c) : wholePart(c);
            case POINT -> isDigit(c) ? go(State.FRACTION, c) : stray(c);
            case FRACTION ->
                    isDigit(c)
                            ? go(State.FRACTION, c)
                            : isExponent(c) ? go(State.EXPONENT, c) : end(Kind.REAL);
            case EXPONENT -> c == '+' || c == '-' ? go(State.EXPONENT_SIGN, c) : exponentDigit(c);
            case EXPONENT_SIGN -> exponentDigit(c);
            case EXPONENT_DIGITS -> isDigit(c) ? go(State.EXPONENT_DIGITS, c) : end(Kind.REAL);
            case KEYWORD -> isLetter(c) ? go(State.KEYWORD, c) : end(Kind.KEYWORD);
            case RECOVERY -> recover(c);
        };
    }

    private boolean start(int c) {
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            return true;
        }
        if (JsonToken.isMark(c)) {
            sink.token(JsonToken.mark(c));
            return true;
        }
        if (c == '"' || c == '\'') {
            quote = c;
            return go(State.STRING, c);
        }
        if (c == '-') {
            return go(State.MINUS, c);
        }
        if (isDigit(c)) {
            return go(c == '0' ? State.ZERO : State.DIGITS, c);
        }
        return isLetter(c) ? go(State.KEYWORD, c) : stray(c);
    }

    private boolean string(int c) {
        if (isControl(c)) {
            return stray(c);
        }
        if (c == quote) {
            text.write(c);
            end(Kind.STRING);
            return true;
        }
        return go(c == '\\' ? State.ESCAPE : State.STRING, c);
    }

    private boolean wholePart(int c) {
        if (c == '.') {
            return go(State.POINT, c);
        }
        return isExponent(c) ? go(State.EXPONENT, c) : end(Kind.INTEGER);
    }

    private boolean exponentDigit(int c) {
        return isDigit(c) ? go(State.EXPONENT_DIGITS, c) : stray(c);
    }

    private boolean recover(int c) {
        if (isControl(c) || JsonToken.isMark(c)) {
            state = State.START;
            return false;
        }
        return true;
    }

    private boolean go(State next, int c) {
        text.write(c);
        state = next;
        return true;
    }

    /** Ends a token; the byte at hand is still to be looked at. */
    private boolean end(Kind kind) {
        byte[] bytes = text.toByteArray();
        reset(State.START);
        sink.token(new JsonToken(kind, bytes));
        return false;
    }

    private boolean stray(int c) {
        text.write(c);
        String found = text.toString(StandardCharsets.UTF_8);
        reset(State.RECOVERY);
        sink.stray(found);
        return true;
    }

    private void reset(State next) {
        text.reset();
        state = next;
    }

    private static boolean isControl(int c) {
        return c < ' ' || c >= NEVER_IN_UTF_8;
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isLetter(int c) {
        return c >= 'a' && c <= 'z';
    }

    private static boolean isExponent(int c) {
        return c == 'e' || c == 'E';
    }
}
