package io.diskport.qmp.json;

/** Text that is no JSON, or more of it than is taken. */
final class JsonException extends Exception {
    private static final long serialVersionUID = 1L;

    JsonException(String message) {
        super(message);
    }

    static JsonException parse(String what) {
        return new JsonException("JSON parse error, " + what);
    }
}
