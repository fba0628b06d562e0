package io.diskport.qmp.json;

/**
 * A token.
 *
 * @param text its bytes as they came, quotes included; those of a punctuation mark are not kept
 */
record JsonToken(Kind kind, byte[] text) {
    enum Kind {
        OPEN_BRACE('{'),
        CLOSE_BRACE('}'),
        OPEN_BRACKET('['),
        CLOSE_BRACKET(']'),
        COLON(':'),
        COMMA(','),
        STRING('\0'),
        INTEGER('\0'),
        REAL('\0'),
        KEYWORD('\0');

        private final char mark;

        Kind(char mark) {
            this.mark = mark;
        }
    }

    private static final byte[] NONE = {};
    private static final JsonToken[] MARKS = new JsonToken[128];

    static {
        for (Kind kind : Kind.values()) {
            if (kind.mark != 0) {
                MARKS[kind.mark] = new JsonToken(kind, NONE);
            }
        }
    }

    /** Whether a byte is a punctuation mark. */
    static boolean isMark(int c) {
        return c >= 0 && c < MARKS.length && MARKS[c] != null;
    }

    /** The token that a punctuation mark is. */
    static JsonToken mark(int c) {
        return MARKS[c];
    }
}
