package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.ChildListener;
import io.diskport.api.node.Permissions;
import io.diskport.core.io.NodeIo;
import io.diskport.core.io.NodeLink;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** Weighs what the users of one node do against what the others share. */
final class PermissionKeeper implements NodeLink.Keeper {
    private static final long GIVE_BACK_MILLIS = 1000;
    private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final String nodeName;
    private final NodeIo io;
    private final List<NodeLink> children;
    private final Consumer<String> troubles;
    private final LongAdder changesOfGone = new LongAdder();
    private final ReentrantLock lock = new ReentrantLock();
    private final ReentrantLock resizing = new ReentrantLock();
    private final List<NodeLink> links = new CopyOnWriteArrayList<>();
    private final List<NodeLink> left = new CopyOnWriteArrayList<>();

    /**
     * The keeper of one open node.
     *
     * @param children what the node itself uses
     * @param troubles hears what goes wrong, for people
     */
    PermissionKeeper(
            String nodeName, NodeIo io, List<NodeLink> children, Consumer<String> troubles) {
        this.nodeName = nodeName;
        this.io = io;
        this.children = List.copyOf(children);
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

    @Override
    public void refreshLength() throws BlockIOException {
        long before;
        long after;
        resizing.lock();
        try {
            before = io.node().length();
            io.refreshLength();
            after = io.node().length();
        } finally {
            resizing.unlock();
        }
        if (before != after) {
            lengthChanged(after);
        }
    }

    @Override
    public long changesByOthers(NodeLink asking) {
        long sum = changesOfGone.sum();
        for (NodeLink link : links) {
            sum += link == asking ? 0 : link.changes();
        }
        for (NodeLink child : children) {
            sum += child.changesByOthers();
        }
        return sum;
    }

    /** Whether a request of a user that is gone still hangs in the node. */
    boolean hangs() {
        left.removeIf(link -> link.inFlight() == 0);
        return !left.isEmpty() || resizing.isLocked();
    }

    /** The user is gone at once; that its permissions are given back may take a moment. */
    @Override
    public void remove(NodeLink link) {
        if (links.contains(link)) {
            if (link.inFlight() > 0) {
                left.add(link);
            }
            departed(link);
        }
    }

    /** The same for a user that goes on with another node, and has nothing in flight here. */
    void departed(NodeLink link) {
        if (!links.remove(link)) {
            return;
        }
        changesOfGone.add(link.changes());
        try {
            Bounded.run("permissions-" + nodeName, GIVE_BACK_MILLIS, this::giveBack);
        } catch (TimeoutException e) {
            troubles.accept(
                    "Node '" + nodeName + "' is slow to give back permissions; it goes on alone");
        } catch (Exception e) {
            troubles.accept("Node '" + nodeName + "' keeps its permissions: " + e.getMessage());
        }
    }

    private void giveBack() throws BlockException {
        lock.lock();
        try {
            apply(null, Permissions.NONE, Permissions.ALL);
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
    public void truncate(long length) throws BlockIOException {
        for (NodeLink link : links) {
            long needed = link.listener().neededLength();
            if (length < needed) {
                throw new BlockIOException(
                        Errno.EBUSY,
                        "Node '"
                                + nodeName
                                + "' is not cut to "
                                + length
                                + " bytes: "
                                + link.user()
                                + " stands on "
                                + needed);
            }
        }
        resizing.lock();
        try {
            List<NodeLink> drained = new ArrayList<>();
            try {
                Optional<NodeLink> busy = drain(drained);
                if (busy.isPresent()) {
                    throw new BlockIOException(Errno.EBUSY, busy("resized", busy.get()));
                }
                io.truncate(length);
            } finally {
                drained.forEach(NodeLink::resume);
            }
        } finally {
            resizing.unlock();
        }
        lengthChanged(length);
    }

    /** Parks the requests of everybody who is not in the list yet; answers with who is busy. */
    private Optional<NodeLink> drain(List<NodeLink> drained) {
        for (NodeLink link : links) {
            if (!drained.contains(link)) {
                drained.add(link);
                if (!link.drain(DRAIN_NANOS)) {
                    return Optional.of(link);
                }
            }
        }
        return Optional.empty();
    }

    private String busy(String what, NodeLink link) {
        return "Node '"
                + nodeName
                + "' is not "
                + what
                + ": requests of "
                + link.user()
                + " do not end";
    }

    /** Requests that are parked, and nobody comes or goes or asks for more. */
    interface Pause extends AutoCloseable {
        /** By the thread that began it. */
        @Override
        void close();
    }

    /** Parks all requests, after lent files were given back; refuses where some do not end. */
    Pause pause() throws BlockException {
        for (NodeLink link : links) {
            if (!link.revokeLeases(DRAIN_NANOS)) {
                throw new BlockException(
                        Reason.IN_USE,
                        "Node '"
                                + nodeName
                                + "' is not reopened: "
                                + link.user()
                                + " does not give back its file");
            }
        }
        List<NodeLink> drained = new ArrayList<>();
        resizing.lock();
        Optional<NodeLink> busy = drain(drained);
        lock.lock();
        Pause pause =
                () -> {
                    lock.unlock();
                    drained.forEach(NodeLink::resume);
                    resizing.unlock();
                };
        if (busy.isEmpty()) {
            // Who has come meanwhile, or was lent the file.
            busy = drain(drained);
        }
        if (busy.isEmpty()) {
            busy = links.stream().filter(NodeLink::holdsLease).findFirst();
        }
        if (busy.isPresent()) {
            pause.close();
            throw new BlockException(Reason.IN_USE, busy("reopened", busy.get()));
        }
        return pause;
    }

    /** Who may write or resize, if anybody. */
    Optional<NodeLink> writer() {
        return links.stream()
                .filter(link -> link.held().write() || link.held().resize())
                .findFirst();
    }

    /** Who needs more of the node than a length, if anybody. */
    Optional<NodeLink> beyond(long length) {
        return links.stream().filter(link -> link.listener().neededLength() > length).findFirst();
    }

    /** Has the node hold anew what its users do, after settings that concern it have changed. */
    void refresh() throws BlockException {
        giveBack();
    }

    /** Tells every user that the length is another now. */
    void lengthChanged(long length) {
        tell(listener -> listener.lengthChanged(length));
    }

    void limitsChanged() {
        io.limitsChanged();
        tell(listener -> listener.limitsChanged(io.node().limits()));
    }

    private void tell(Consumer<ChildListener> news) {
        for (NodeLink link : links) {
            try {
                news.accept(link.listener());
            } catch (RuntimeException | LinkageError e) {
                troubles.accept(link.user() + " did not take news of its node: " + e);
            }
        }
    }

    private void change(NodeLink link, Permissions held, Permissions shared) throws BlockException {
        if ((held.write() || held.resize()) && io.readOnly()) {
            throw new BlockException(
                    Reason.DENIED,
                    "Node '"
                            + nodeName
                            + "' is read-only; "
                            + link.user()
                            + " wants to "
                            + (held.write() ? "write" : "resize"));
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
        io.node().setPermissions(allHeld, io.settings().forceShare() ? Permissions.ALL : allShared);
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
