package io.diskport.core.life;

import io.diskport.api.BlockException;
import java.util.Set;

/** What is to be started needs something that is not there now. */
final class Missing extends BlockException {
    private static final long serialVersionUID = 1L;

    private final transient Set<String> keys;

    /**
     * A lack.
     *
     * @param keys what to wait for
     */
    Missing(Reason reason, String message, Set<String> keys) {
        super(reason, message);
        this.keys = keys;
    }

    Set<String> keys() {
        return keys;
    }
}
