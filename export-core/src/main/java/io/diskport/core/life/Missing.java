package io.diskport.core.life;

import io.diskport.api.BlockException;
import java.util.Set;

/** What is to be started needs something that is not there now. */
final class Missing extends BlockException {
    private static final long serialVersionUID = 1L;

    private final transient Set<String> keys;
    private final boolean soon;

    /**
     * A lack.
     *
     * @param keys what to wait for
     * @param soon whether it is being made, so that nobody needs to be told
     */
    Missing(Reason reason, String message, Set<String> keys, boolean soon) {
        super(reason, message);
        this.keys = keys;
        this.soon = soon;
    }

    boolean soon() {
        return soon;
    }

    Set<String> keys() {
        return keys;
    }
}
