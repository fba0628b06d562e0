package io.diskport.file;

import io.diskport.api.BlockException;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.NodeSettings;
import io.diskport.api.node.Permissions;
import java.util.Optional;

/**
 * A file as a node has it open: a reopened node has another one.
 *
 * @param limits what requests its way of being open takes
 * @param locks what other processes see of its use; empty where it is not locked
 */
record Opened(
        OpenFile file,
        String name,
        FileTransfer transfer,
        NodeSettings settings,
        boolean writable,
        Optional<PermissionLocks> locks,
        BlockLimits limits) {
    private static final int MAXIMUM = 1 << 30;
    private static final int PAGE = 4096;
    private static final int PARALLELISM = 16;
    private static final int PARALLELISM_DIRECT = 64;

    Opened(
            OpenFile file,
            String name,
            NodeSettings settings,
            boolean writable,
            Optional<PermissionLocks> locks) {
        this(
                file,
                name,
                new FileTransfer(file),
                settings,
                writable,
                locks,
                limits(file.alignment(), settings.cache().direct()));
    }

    /** Takes and drops locks; when another process stands against it, all stays as it was. */
    void hold(Permissions held, Permissions shared) throws BlockException {
        if (locks.isPresent()) {
            locks.get().set(held, shared);
        }
    }

    /** Memory that is aligned better than a page cannot be asked for; it is bounced. */
    private static BlockLimits limits(Alignment alignment, boolean direct) {
        return new BlockLimits(
                alignment.request(),
                Math.min(PAGE, alignment.memory()),
                Math.max(PAGE, alignment.request()),
                MAXIMUM,
                Math.max(PAGE, alignment.request()),
                direct ? PARALLELISM_DIRECT : PARALLELISM);
    }
}
