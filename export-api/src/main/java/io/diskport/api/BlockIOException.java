package io.diskport.api;

import java.io.IOException;
import java.util.Objects;

/** A request that failed; the number goes to the client, the message to the log. */
public class BlockIOException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Errno errno;

    /**
     * An error with a message of its own.
     *
     * @param message names the file or peer, the operation and the offset where they are known
     */
    public BlockIOException(Errno errno, String message) {
        super(message);
        this.errno = Objects.requireNonNull(errno);
    }

    /** An error that another one caused. */
    public BlockIOException(Errno errno, String message, Throwable cause) {
        super(message, cause);
        this.errno = Objects.requireNonNull(errno);
    }

    /** What the client is told. */
    public final Errno errno() {
        return errno;
    }
}
