package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.manage.EntryState;
import io.diskport.api.manage.Kind;
import java.util.Set;

/** What is to be started needs something that is not there now. */
final class Missing extends BlockException {
    private static final long serialVersionUID = 1L;

    /** The key of what waits for an object whose id it does not know. */
    static final String ANY_OBJECT = "any object";

    private final transient Set<String> keys;
    private final long since;
    private final boolean soon;

    /**
     * A lack.
     *
     * @param keys what to wait for
     * @param soon whether it is being made, so that nobody needs to be told
     */
    Missing(Reason reason, String message, Set<String> keys, boolean soon) {
        this(reason, message, keys, soon, System.nanoTime());
    }

    /**
     * A lack.
     *
     * @param since when it was looked for, by System.nanoTime: what has come later is no lack
     */
    Missing(Reason reason, String message, Set<String> keys, boolean soon, long since) {
        super(reason, message);
        this.keys = keys;
        this.soon = soon;
        this.since = since;
    }

    /** Whether an object began to run after it was looked for. */
    boolean isLate(Item object) {
        return keys.contains(ANY_OBJECT)
                && object.kind() == Kind.OBJECT
                && object.state == EntryState.RUNNING
                && object.runningSince - since >= 0;
    }

    boolean soon() {
        return soon;
    }

    Set<String> keys() {
        return keys;
    }
}
