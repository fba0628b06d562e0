package io.diskport.vhost.blk;

/**
 * A front-end, or its guest, did what it must not: it loses its connection, and the log says why.
 */
final class Misbehaviour extends Exception {
    private static final long serialVersionUID = 1L;

    /** The message says what was found and what would be right; nobody looks at a stack trace. */
    Misbehaviour(String message) {
        super(message, null, false, false);
    }

    /** What guest memory that was taken away is to be called. */
    static Misbehaviour memoryGone() {
        return new Misbehaviour("the file of its memory has become shorter than its mapping");
    }
}
