package io.diskport.core.life;

import io.diskport.api.node.BlockNode;
import io.diskport.core.io.NodeIo;
import java.util.concurrent.ThreadPoolExecutor;

/** One incarnation of a node. */
final class NodeRun extends Run {
    volatile BlockNode node;
    volatile NodeIo io;
    volatile PermissionKeeper keeper;
    private ThreadPoolExecutor workers;

    NodeRun(Item item, DriverRef driver) {
        super(item, driver);
    }

    synchronized ThreadPoolExecutor workers() {
        if (workers == null) {
            workers = Workers.of(item().id(), io == null ? 16 : node.limits().parallelism());
        }
        return workers;
    }

    synchronized void endWorkers() {
        if (workers != null) {
            workers.shutdown();
        }
    }
}
