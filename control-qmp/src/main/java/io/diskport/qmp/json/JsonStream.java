package io.diskport.qmp.json;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/**
 * Finds the values in a stream of bytes: a value is complete with its last bracket, whatever lines
 * there are, and a mistake costs what has been read of the value it is in.
 *
 * <p>For one thread.
 */
public final class JsonStream {
    /** How deep a value may be nested, as in QEMU. */
    public static final int DEEPEST = 1024;

    /** How many bytes the tokens of a value may have: far more than any command needs. */
    public static final int LONGEST = 4 << 20;

    /** How many tokens a value may have. */
    public static final int MOST_TOKENS = 256 << 10;

    /** What has been found: a value, or what is wrong. */
    public record Found(Optional<Object> value, String error) {}

    private final JsonLexer lexer = new JsonLexer(LONGEST, new Collector());
    private final Queue<Found> found = new ArrayDeque<>();
    private List<JsonToken> tokens = new ArrayList<>();
    private int braces;
    private int brackets;
    private long bytes;

    /**
     * Reads on until something is found.
     *
     * @param source is read from its position up to where that ends
     * @return empty if more bytes are needed; all of the source has been read then
     */
    public Optional<Found> next(ByteBuffer source) {
        while (found.isEmpty() && source.hasRemaining()) {
            lexer.feed(source.get() & 0xFF);
        }
        return Optional.ofNullable(found.poll());
    }

    private void collect(JsonToken token) {
        switch (token.kind()) {
            case OPEN_BRACE -> braces++;
            case CLOSE_BRACE -> braces--;
            case OPEN_BRACKET -> brackets++;
            case CLOSE_BRACKET -> brackets--;
            default -> {
                // It nests nothing.
            }
        }
        bytes += token.text().length;
        if (bytes > LONGEST) {
            fail("JSON token size limit exceeded");
        } else if (tokens.size() >= MOST_TOKENS) {
            fail("JSON token count limit exceeded");
        } else if (braces + brackets > DEEPEST) {
            fail("JSON nesting depth limit exceeded");
        } else {
            tokens.add(token);
            if (braces < 0 || brackets < 0 || braces == 0 && brackets == 0) {
                complete();
            }
        }
    }

    private void complete() {
        try {
            found.add(new Found(Optional.of(new JsonParser(tokens).value()), ""));
            forget();
        } catch (JsonException e) {
            fail(e.getMessage());
        }
    }

    private void fail(String why) {
        found.add(new Found(Optional.empty(), why));
        forget();
    }

    private void forget() {
        tokens = new ArrayList<>();
        braces = 0;
        brackets = 0;
        bytes = 0;
    }

    private final class Collector implements JsonLexer.Sink {
        @Override
        public void token(JsonToken token) {
            collect(token);
        }

        @Override
        public void stray(String text) {
            fail("JSON parse error, stray '" + text + "'");
        }

        @Override
        public void tooLong() {
            fail("JSON token size limit exceeded");
        }
    }
}
