package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.node.Permissions;
import io.diskport.core.io.NodeIo;
import io.diskport.core.io.NodeLink;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** Weighs what the users of one node do against what the others share. */
final class PermissionKeeper implements NodeLink.Keeper {
    private final String nodeName;
    private final NodeIo io;
    private final Consumer<BlockException> troubles;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<NodeLink> links = new CopyOnWriteArrayList<>();
    private final List<NodeLink> left = new CopyOnWriteArrayList<>();

    /**
     * The keeper of one open node.
     *
     * @param troubles hears when a node refuses to give permissions back
     */
    PermissionKeeper(String nodeName, NodeIo io, Consumer<BlockException> troubles) {
        this.nodeName = nodeName;
        this.io = io;
        this.troubles = troubles;
    }

    /** Everybody who uses the node. */
    List<NodeLink> links() {
        return links;
    }

    void add(NodeLink link, Permissions held, Permissions shared) throws BlockException {
        lock.lock();
        try {
            change(link, held, shared);
            links.add(link);
        } finally {
            lock.unlock();
        }
    }

    /** Whether a request of a user that is gone still hangs in the node. */
    boolean hangs() {
        left.removeIf(link -> link.inFlight() == 0);
        return !left.isEmpty();
    }

    @Override
    public void remove(NodeLink link) {
        lock.lock();
        try {
            if (links.remove(link)) {
                if (link.inFlight() > 0) {
                    left.add(link);
                }
                apply(link, Permissions.NONE, Permissions.ALL);
            }
        } catch (BlockException e) {
            troubles.accept(e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void setPermissions(NodeLink link, Permissions held, Permissions shared)
            throws BlockException {
        lock.lock();
        try {
            change(link, held, shared);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void lengthChanged(long length) {
        links.forEach(link -> link.listener().lengthChanged(length));
    }

    void limitsChanged() {
        io.limitsChanged();
        links.forEach(link -> link.listener().limitsChanged(io.node().limits()));
    }

    private void change(NodeLink link, Permissions held, Permissions shared) throws BlockException {
        if (held.write() && io.readOnly()) {
            throw new BlockException(
                    Reason.DENIED,
                    "Node '" + nodeName + "' is read-only; " + link.user() + " wants to write");
        }
        for (NodeLink other : links) {
            if (other != link) {
                check(link, held, other, other.shared());
                check(other, other.held(), link, shared);
            }
        }
        apply(link, held, shared);
        link.granted(held, shared);
    }

    private void apply(NodeLink link, Permissions held, Permissions shared) throws BlockException {
        Permissions allHeld = held;
        Permissions allShared = shared;
        for (NodeLink other : links) {
            if (other != link) {
                allHeld = allHeld.or(other.held());
                allShared = allShared.and(other.shared());
            }
        }
        io.node().setPermissions(allHeld, allShared);
    }

    private void check(NodeLink user, Permissions held, NodeLink owner, Permissions shared)
            throws BlockException {
        Permissions refused = held.minus(shared);
        if (!refused.isEmpty()) {
            throw new BlockException(
                    Reason.IN_USE,
                    "Node '"
                            + nodeName
                            + "' is used by "
                            + owner.user()
                            + ", which does not share '"
                            + refused
                            + "' with "
                            + user.user());
        }
    }
}
