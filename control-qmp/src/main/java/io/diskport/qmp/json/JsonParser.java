package io.diskport.qmp.json;

import io.diskport.qmp.json.JsonToken.Kind;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes a value of tokens. How deep they nest is bounded before. */
final class JsonParser {
    private static final int LONG_BITS = 64;

    private final List<JsonToken> tokens;
    private int at;

    JsonParser(List<JsonToken> tokens) {
        this.tokens = tokens;
    }

    /** The value that begins with the next token. */
    Object value() throws JsonException {
        JsonToken token = take();
        return switch (token.kind()) {
            case OPEN_BRACE -> members();
            case OPEN_BRACKET -> elements();
            case STRING -> JsonStrings.decode(token.text());
            case INTEGER -> integer(text(token));
            case REAL -> real(text(token));
            case KEYWORD -> keyword(text(token));
            default -> throw JsonException.parse("expecting value");
        };
    }

    private Map<String, Object> members() throws JsonException {
        Map<String, Object> members = new LinkedHashMap<>();
        if (accept(Kind.CLOSE_BRACE)) {
            return members;
        }
        do {
            if (!(value() instanceof String key)) {
                throw JsonException.parse("key is not a string in object");
            }
            if (!accept(Kind.COLON)) {
                throw JsonException.parse("missing : in object pair");
            }
            if (members.put(key, value()) != null) {
                throw JsonException.parse("duplicate key");
            }
        } while (accept(Kind.COMMA));
        if (!accept(Kind.CLOSE_BRACE)) {
            throw JsonException.parse("expected separator in dict");
        }
        return members;
    }

    private List<Object> elements() throws JsonException {
        List<Object> elements = new ArrayList<>();
        if (accept(Kind.CLOSE_BRACKET)) {
            return elements;
        }
        do {
            elements.add(value());
        } while (accept(Kind.COMMA));
        if (!accept(Kind.CLOSE_BRACKET)) {
            throw JsonException.parse("expected separator in list");
        }
        return elements;
    }

    private JsonToken take() throws JsonException {
        if (at == tokens.size()) {
            throw JsonException.parse("premature EOI");
        }
        return tokens.get(at++);
    }

    private boolean accept(Kind kind) throws JsonException {
        if (at == tokens.size()) {
            throw JsonException.parse("premature EOI");
        }
        boolean there = tokens.get(at).kind() == kind;
        at += there ? 1 : 0;
        return there;
    }

    private static String text(JsonToken token) {
        return new String(token.text(), StandardCharsets.US_ASCII);
    }

    private static Object integer(String digits) throws JsonException {
        // More digits than any number of 64 bits has need not be counted one by one.
        if (digits.length() > LONG_BITS) {
            return real(digits);
        }
        BigInteger number = new BigInteger(digits);
        if (number.bitLength() < LONG_BITS) {
            return number.longValue();
        }
        return number.signum() > 0 && number.bitLength() == LONG_BITS ? number : real(digits);
    }

    private static Double real(String text) throws JsonException {
        double number = Double.parseDouble(text);
        if (Double.isInfinite(number)) {
            throw JsonException.parse("the number is too large");
        }
        return number;
    }

    private static Object keyword(String word) throws JsonException {
        return switch (word) {
            case "true" -> true;
            case "false" -> false;
            case "null" -> JsonNull.NULL;
            default -> throw JsonException.parse("invalid keyword '" + word + "'");
        };
    }
}
