package io.diskport.nbd.node;

import io.diskport.api.BlockException.Reason;
import java.io.IOException;

/** The server answers, and will not have it; trying again at once does not help. */
final class Refusal extends IOException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    Refusal(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }
}
