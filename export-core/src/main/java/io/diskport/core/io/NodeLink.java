package io.diskport.core.io;

import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.AsyncRequest;
import io.diskport.api.node.BlockChild;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.ChildListener;
import io.diskport.api.node.Extent;
import io.diskport.api.node.FileLease;
import io.diskport.api.node.Permissions;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * A user's connection to a node: a parent's, or an export's through its backend. Refuses what lies
 * outside the node and what the user has no permission for, and counts the requests in flight.
 */
public final class NodeLink implements BlockChild, AsyncRequest.Layer {
    /** Decides for all links of a node together. */
    public interface Keeper {
        /** Changes what a link holds and shares, or refuses. */
        void setPermissions(NodeLink link, Permissions held, Permissions shared)
                throws BlockException;

        /** Changes the node's length while no request of any user is in flight. */
        void truncate(long length) throws BlockIOException;

        /** Has the node look at its length again, and tells its users if it is another. */
        void refreshLength() throws BlockIOException;

        /** A number that is another when others have changed the content since. */
        long changesByOthers(NodeLink asking);

        /** Hears that a user is gone. */
        void remove(NodeLink link);
    }

    private final String user;

    // They change together, while no request is in flight.
    private volatile String nodeName;
    private volatile NodeIo io;
    private volatile Keeper keeper;

    /** What was counted of the changes of a node that this led to before. */
    private volatile long changesElsewhere;

    private final ChildListener listener;
    private final Gate gate = new Gate();
    private final Leases leases = new Leases();
    private final LongAdder changes = new LongAdder();
    private volatile Permissions held = Permissions.NONE;
    private volatile Permissions shared = Permissions.ALL;

    /**
     * A link that holds nothing yet.
     *
     * @param user for messages: {@code export 'a'}
     */
    public NodeLink(
            String user, String nodeName, NodeIo io, Keeper keeper, ChildListener listener) {
        this.user = user;
        this.nodeName = nodeName;
        this.io = io;
        this.keeper = keeper;
        this.listener = listener;
    }

    /** Who uses the node. */
    public String user() {
        return user;
    }

    /** What the user does. */
    public Permissions held() {
        return held;
    }

    /** What the user lets others do. */
    public Permissions shared() {
        return shared;
    }

    /** Who hears of changes of the node. */
    public ChildListener listener() {
        return listener;
    }

    /** Takes over what the keeper has granted. */
    public void granted(Permissions newHeld, Permissions newShared) {
        held = newHeld;
        shared = newShared;
    }

    /**
     * Leads to another node from now on, while this is drained; what it holds there, and no longer
     * holds here, is the caller's to settle.
     */
    public void redirect(String newName, NodeIo newIo, Keeper newKeeper) {
        long counted = changesByOthers();
        nodeName = newName;
        io = newIo;
        keeper = newKeeper;
        // The content is another, so that the number has to be.
        changesElsewhere = counted + 1 - newKeeper.changesByOthers(this);
    }

    /** Parks new requests and waits for those in flight; false if time ran out. */
    public boolean drain(long nanos) {
        gate.drain();
        return gate.awaitEmpty(nanos);
    }

    /**
     * Has lent files given back, which cannot be had while requests are parked.
     *
     * @return false if time ran out
     */
    public boolean revokeLeases(long nanos) {
        leases.revoke();
        long deadline = System.nanoTime() + nanos;
        while (leases.count() > 0) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            LockSupport.parkNanos(this, 5_000_000L);
        }
        return true;
    }

    /** Whether it has been lent the node's file. */
    public boolean holdsLease() {
        return leases.count() > 0;
    }

    /** Ends a drain. */
    public void resume() {
        gate.resume();
    }

    /** Gives up the connection, whether requests are in flight or not; idempotent. */
    public void close() {
        shut(user + " has ended");
        keeper.remove(this);
    }

    /** How many requests have begun and not ended, and leases not been given back. */
    public long inFlight() {
        return gate.inFlight() + leases.count();
    }

    /**
     * How often the user has changed the content: another number each time as long as it has been
     * lent the file, for it may do so unseen.
     */
    public long changes() {
        long lent = leases.count() > 0 && held.write() ? System.nanoTime() : 0;
        return changes.sum() + lent;
    }

    /** A number that is another when other users have changed the content since. */
    public long changesByOthers() {
        return changesElsewhere + keeper.changesByOthers(this);
    }

    /** From now on every request fails with ESHUTDOWN. */
    public void shut(String message) {
        gate.shut(message);
        leases.revoke();
    }

    /** Waits for the requests in flight after {@link #shut}; false if time ran out. */
    public boolean awaitEmpty(long nanos) {
        return gate.awaitEmpty(nanos) && leases.count() == 0;
    }

    @Override
    public String nodeName() {
        return nodeName;
    }

    @Override
    public boolean readOnly() {
        return io.readOnly();
    }

    @Override
    public void setPermissions(Permissions newHeld, Permissions newShared) throws BlockException {
        keeper.setPermissions(this, newHeld, newShared);
    }

    @Override
    public long length() {
        return io.node().length();
    }

    @Override
    public long allocatedLength() {
        return io.node().allocatedLength();
    }

    @Override
    public BlockLimits limits() {
        return io.limits();
    }

    @Override
    public void read(long offset, ByteBuffer destination) throws BlockIOException {
        gate.enter();
        try {
            checkRead(offset, destination.remaining());
            io.read(offset, destination);
        } finally {
            gate.leave();
        }
    }

    @Override
    public void read(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        gate.enter();
        try {
            checkRead(offset, NodeIo.length(destinations, first, count));
            io.read(offset, destinations, first, count);
        } finally {
            gate.leave();
        }
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer destination) throws BlockIOException {
        if (!gate.tryEnter()) {
            return false;
        }
        try {
            checkRead(offset, destination.remaining());
            return io.tryRead(offset, destination);
        } finally {
            gate.leave();
        }
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        if (!gate.tryEnter()) {
            return false;
        }
        try {
            checkRead(offset, NodeIo.length(destinations, first, count));
            return io.tryRead(offset, destinations, first, count);
        } finally {
            gate.leave();
        }
    }

    @Override
    public void write(long offset, int flags, ByteBuffer source) throws BlockIOException {
        gate.enter();
        try {
            checkWrite(offset, source.remaining());
            io.write(offset, flags, source);
        } finally {
            changes.increment();
            gate.leave();
        }
    }

    @Override
    public void write(long offset, int flags, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        gate.enter();
        try {
            checkWrite(offset, NodeIo.length(sources, first, count));
            io.write(offset, flags, sources, first, count);
        } finally {
            changes.increment();
            gate.leave();
        }
    }

    @Override
    public boolean tryWrite(long offset, int flags, ByteBuffer source) throws BlockIOException {
        if (!gate.tryEnter()) {
            return false;
        }
        try {
            checkWrite(offset, source.remaining());
            return io.tryWrite(offset, flags, source);
        } finally {
            changes.increment();
            gate.leave();
        }
    }

    @Override
    public boolean tryWrite(long offset, int flags, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        if (!gate.tryEnter()) {
            return false;
        }
        try {
            checkWrite(offset, NodeIo.length(sources, first, count));
            return io.tryWrite(offset, flags, sources, first, count);
        } finally {
            changes.increment();
            gate.leave();
        }
    }

    @Override
    public boolean begin(AsyncRequest request) throws BlockIOException {
        if (!gate.tryEnter()) {
            return false;
        }
        request.enter(this, 0);
        boolean begun = false;
        try {
            if (request.isWrite()) {
                checkWrite(request.offset(), request.length());
            } else {
                checkRead(request.offset(), request.length());
            }
            begun = io.begin(request);
        } finally {
            if (!begun) {
                request.leave();
                gate.leave();
            }
        }
        return begun;
    }

    /** A request that was begun has ended. */
    @Override
    public void ended(AsyncRequest request, long state, AsyncRequest.Outcome outcome) {
        if (request.isWrite()) {
            changes.increment();
        }
        gate.leave();
    }

    @Override
    public void flush() throws BlockIOException {
        gate.enter();
        try {
            io.flush();
        } finally {
            gate.leave();
        }
    }

    @Override
    public void discard(long offset, long length, int flags) throws BlockIOException {
        gate.enter();
        try {
            checkWritable();
            checkRange(offset, length, Errno.EINVAL);
            if (length > 0) {
                io.discard(offset, length, flags);
            }
        } finally {
            changes.increment();
            gate.leave();
        }
    }

    @Override
    public void writeZeroes(long offset, long length, int flags) throws BlockIOException {
        gate.enter();
        try {
            checkWrite(offset, length);
            if (length > 0) {
                io.writeZeroes(offset, length, flags);
            }
        } finally {
            changes.increment();
            gate.leave();
        }
    }

    @Override
    public Extent status(long offset, long length) throws BlockIOException {
        gate.enter();
        try {
            checkRange(offset, length, Errno.EINVAL);
            if (length == 0) {
                throw new BlockIOException(Errno.EINVAL, "status of a run of length 0");
            }
            return io.status(offset, length);
        } finally {
            gate.leave();
        }
    }

    @Override
    public void preallocate(long offset, long length) throws BlockIOException {
        gate.enter();
        try {
            checkWrite(offset, length);
            io.preallocate(offset, length);
        } finally {
            gate.leave();
        }
    }

    @Override
    public void prefetch(long offset, long length) throws BlockIOException {
        gate.enter();
        try {
            checkRead(offset, length);
            io.prefetch(offset, length);
        } finally {
            gate.leave();
        }
    }

    @Override
    public void truncate(long length) throws BlockIOException {
        if (!held.resize()) {
            throw new BlockIOException(
                    Errno.EPERM, user + " may not resize node '" + nodeName + "'");
        }
        if (length < 0) {
            throw new BlockIOException(Errno.EINVAL, "negative length " + length);
        }
        gate.enter();
        gate.leave();
        try {
            keeper.truncate(length);
        } finally {
            changes.increment();
        }
    }

    @Override
    public void refreshLength() throws BlockIOException {
        gate.enter();
        gate.leave();
        keeper.refreshLength();
    }

    @Override
    public Optional<FileLease> leaseFile(boolean writable, Runnable revoke)
            throws BlockIOException {
        gate.enter();
        try {
            if (writable) {
                checkWritable();
            }
            return leases.lend(io.leaseFile(writable, revoke), revoke, gate, changes::increment);
        } finally {
            gate.leave();
        }
    }

    private void checkRead(long offset, long length) throws BlockIOException {
        if (!held.read()) {
            throw new BlockIOException(Errno.EPERM, user + " may not read node '" + nodeName + "'");
        }
        checkRange(offset, length, Errno.EINVAL);
    }

    private void checkWrite(long offset, long length) throws BlockIOException {
        checkWritable();
        checkRange(offset, length, Errno.ENOSPC);
    }

    private void checkWritable() throws BlockIOException {
        if (!held.write()) {
            throw new BlockIOException(
                    Errno.EROFS, user + " may not write to node '" + nodeName + "'");
        }
    }

    private void checkRange(long offset, long length, Errno outside) throws BlockIOException {
        if (offset < 0 || length < 0) {
            throw new BlockIOException(Errno.EINVAL, "offset " + offset + ", length " + length);
        }
        if (length > length() - offset) {
            throw new BlockIOException(
                    outside,
                    offset + "+" + length + " is outside node '" + nodeName + "' of " + length());
        }
    }
}
