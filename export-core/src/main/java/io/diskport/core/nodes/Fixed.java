package io.diskport.core.nodes;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.node.NodeContext;

/** Options that an open node keeps. */
final class Fixed {
    private Fixed() {}

    /** Refuses another value, in QEMU's words. */
    static void option(NodeContext context, String option, Object before, Object now)
            throws BlockException {
        if (!before.equals(now)) {
            throw new BlockException(
                    Reason.INVALID,
                    "Cannot change the option '"
                            + option
                            + "' of node '"
                            + context.nodeName()
                            + "': it stays '"
                            + before
                            + "' while the node is open");
        }
    }
}
