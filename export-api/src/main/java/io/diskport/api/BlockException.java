package io.diskport.api;

import java.util.Objects;

/**
 * Something that was asked for and cannot be done: a user's mistake, or what the host lacks.
 *
 * <p>The message is one line for people. It names what was asked for, the value, and what to do;
 * controls print it as it is, without a stack trace.
 */
public class BlockException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why it cannot be done, for callers that act on it. */
    public enum Reason {
        /** An option or argument is missing, unknown or wrong. */
        INVALID,
        /** What was named does not exist. */
        NOT_FOUND,
        /** What was to be made exists already. */
        EXISTS,
        /** Somebody uses it: a client, a parent, another process. */
        IN_USE,
        /** The host does not permit it. */
        DENIED,
        /** A driver, node, object or library that is needed is not there now. */
        UNAVAILABLE,
        /** It is shutting down. */
        SHUTTING_DOWN,
        /** This driver or node cannot do it. */
        UNSUPPORTED,
        /** It was tried and failed. */
        FAILED
    }

    private final Reason reason;

    /** A refusal with its message. */
    public BlockException(Reason reason, String message) {
        super(message);
        this.reason = Objects.requireNonNull(reason);
    }

    /** A refusal that another error caused. */
    public BlockException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = Objects.requireNonNull(reason);
    }

    /** Why. */
    public final Reason reason() {
        return reason;
    }
}
