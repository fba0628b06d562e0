package io.diskport.file;

import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.AsyncRequest;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.Extent;
import io.diskport.api.node.FileLease;
import io.diskport.api.node.NodeSettings;
import io.diskport.api.node.Permissions;
import io.diskport.api.node.RequestFlags;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A node on an open file or block device.
 *
 * <p>Its length is the file's when it was opened, or what it was resized to since. Should somebody
 * else shorten the file, what is missing reads as zeroes and writing fills it in again, as with
 * QEMU's raw files.
 */
final class FileNode implements BlockNode {
    private final String name;
    private final String engine;
    private final FileLeases leases = new FileLeases();
    private volatile Opened opened;
    private volatile long length;
    private volatile BlockIOException flushFailure;
    private Permissions held = Permissions.NONE;
    private Permissions shared = Permissions.ALL;

    FileNode(Opened opened, String engine) {
        this.opened = opened;
        this.name = opened.name();
        this.engine = engine;
    }

    /** Looks at the file for the first time. It is not locked before somebody uses it. */
    void start() throws BlockIOException {
        long size = opened.file().size();
        opened.transfer().prepare(size);
        length = size;
    }

    @Override
    public boolean readOnly() {
        return !opened.writable();
    }

    @Override
    public void setPermissions(Permissions held, Permissions shared) throws BlockException {
        opened.hold(held, shared);
        this.held = held;
        this.shared = shared;
    }

    /** The file that is open now, for who opens it in another way. */
    Opened opened() {
        return opened;
    }

    /**
     * Goes over to the same file, opened in another way, while no request is in flight. If that is
     * refused, everything is as it was, but the other file remains the caller's.
     */
    synchronized void reopened(Opened next) throws BlockException, BlockIOException {
        Opened before = opened;
        if (before.writable() && !before.settings().cache().noFlush()) {
            flush();
        }
        // The two would stand against each other.
        before.hold(Permissions.NONE, Permissions.ALL);
        try {
            next.hold(held, shared);
            next.transfer().prepare(length);
        } catch (BlockException | BlockIOException e) {
            before.hold(held, shared);
            throw e;
        }
        leases.revokeAll();
        opened = next;
        before.file().close();
    }

    /** Goes on with the same file and other settings. */
    void settings(NodeSettings settings) {
        Opened now = opened;
        opened =
                new Opened(
                        now.file(),
                        now.name(),
                        now.transfer(),
                        settings,
                        now.writable(),
                        now.locks(),
                        now.limits());
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public long allocatedLength() {
        try {
            return opened.file().allocated();
        } catch (BlockIOException e) {
            return length;
        }
    }

    @Override
    public BlockLimits limits() {
        return opened.limits();
    }

    @Override
    public void read(long offset, ByteBuffer destination) throws BlockIOException {
        opened.transfer().read(offset, destination);
    }

    @Override
    public void read(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        opened.transfer().read(offset, destinations, first, count);
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer destination) throws BlockIOException {
        return opened.transfer().tryRead(offset, destination);
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        return opened.transfer().tryRead(offset, destinations, first, count);
    }

    @Override
    public void write(long offset, int flags, ByteBuffer source) throws BlockIOException {
        boolean durable = isDurable(flags);
        try {
            opened.transfer().write(offset, durable, source);
        } catch (BlockIOException e) {
            throw durable ? remembered(e) : e;
        }
    }

    @Override
    public void write(long offset, int flags, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        boolean durable = isDurable(flags);
        try {
            opened.transfer().write(offset, durable, sources, first, count);
        } catch (BlockIOException e) {
            throw durable ? remembered(e) : e;
        }
    }

    @Override
    public boolean tryWrite(long offset, int flags, ByteBuffer source) throws BlockIOException {
        return !isDurable(flags) && opened.transfer().tryWrite(offset, source);
    }

    @Override
    public boolean tryWrite(long offset, int flags, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        return !isDurable(flags) && opened.transfer().tryWrite(offset, sources, first, count);
    }

    @Override
    public boolean begin(AsyncRequest request) {
        return !isDurable(request.flags()) && opened.transfer().begin(request);
    }

    private static boolean isDurable(int flags) {
        return (flags & RequestFlags.FUA) != 0;
    }

    /**
     * {@inheritDoc}
     *
     * <p>Linux reports a failed write-back once, and may have dropped the pages: a later flush that
     * succeeds would say nothing about them. So a failure stays until the node is opened again.
     */
    @Override
    public void flush() throws BlockIOException {
        BlockIOException earlier = flushFailure;
        if (earlier != null) {
            throw new BlockIOException(
                    earlier.errno(), earlier.getMessage() + " (an earlier flush)", earlier);
        }
        try {
            opened.file().sync();
        } catch (BlockIOException e) {
            if (!opened.settings().cache().direct()) {
                flushFailure = e;
            }
            throw e;
        }
    }

    @Override
    public void discard(long offset, long length, int flags) throws BlockIOException {
        opened.file().discard(offset, length);
    }

    /** A durable request may be the one that is told of a failed write-back: as for a flush. */
    private BlockIOException remembered(BlockIOException e) {
        // only EIO, since others come from the request itself (ENOSPC)
        if (e.errno() == Errno.EIO && !opened.settings().cache().direct()) {
            flushFailure = e;
        }
        return e;
    }

    @Override
    public void writeZeroes(long offset, long length, int flags) throws BlockIOException {
        if (length == 0) {
            return;
        }
        long alignment = opened.file().spaceAlignment();
        long start = offset + alignment - 1 & -alignment;
        long end = offset + length & -alignment;
        if (start < end) {
            zeroBlocks(start, end - start, flags);
            opened.transfer().writeZeroes(offset, start - offset);
            opened.transfer().writeZeroes(end, offset + length - end);
        } else {
            opened.transfer().writeZeroes(offset, length);
        }
        if (isDurable(flags)) {
            flush();
        }
    }

    private void zeroBlocks(long offset, long length, int flags) throws BlockIOException {
        boolean unmap = (flags & RequestFlags.NO_UNMAP) == 0;
        boolean done =
                unmap && opened.file().punch(offset, length) || opened.file().zero(offset, length);
        if (!done) {
            if ((flags & RequestFlags.NO_FALLBACK) != 0) {
                throw FileErrors.at(
                        "zero", name, offset, length, Errno.EOPNOTSUPP, Errno.EOPNOTSUPP.text());
            }
            opened.transfer().writeZeroes(offset, length);
        }
    }

    @Override
    public Extent status(long offset, long length) throws BlockIOException {
        return opened.file().status(offset, length);
    }

    @Override
    public void preallocate(long offset, long length) throws BlockIOException {
        if (!opened.file().preallocate(offset, length)) {
            throw FileErrors.at(
                    "allocate", name, offset, length, Errno.EOPNOTSUPP, Errno.EOPNOTSUPP.text());
        }
    }

    @Override
    public void prefetch(long offset, long length) {
        opened.file().prefetch(offset, length);
    }

    @Override
    public synchronized void truncate(long newLength) throws BlockIOException {
        if (opened.file().isDevice()) {
            if (newLength != length) {
                throw FileErrors.of(
                        "resize", name, Errno.EOPNOTSUPP, "it is a block device, of fixed length");
            }
            return;
        }
        if (newLength > length && leases.mayGrow()) {
            enlarge(newLength);
            return;
        }
        opened.transfer().prepare(newLength);
        try {
            opened.file().truncate(newLength);
        } catch (BlockIOException e) {
            // the end is where it was
            opened.transfer().prepare(length);
            throw e;
        }
        length = newLength;
    }

    /** Never cuts what somebody else, who has the file on loan, appends meanwhile. */
    private void enlarge(long newLength) throws BlockIOException {
        if (opened.file().size() < newLength && !opened.file().preallocate(newLength - 1, 1)) {
            throw FileErrors.of(
                    "resize",
                    name,
                    Errno.EOPNOTSUPP,
                    "its file system cannot allocate, and it is"
                            + " lent to somebody who may be enlarging it");
        }
        refreshLength();
    }

    /** {@inheritDoc} A file that was made shorter keeps its length here, see above. */
    @Override
    public synchronized void refreshLength() throws BlockIOException {
        long size = opened.file().isDevice() ? length : opened.file().size();
        if (size > length) {
            opened.transfer().prepare(size);
            length = size;
        }
    }

    @Override
    public Optional<FileLease> leaseFile(boolean forWriting, Runnable revoke) {
        // whoever uses the descriptor on their own goes through the page cache
        boolean fits = opened.writable() || !forWriting;
        if (!fits || opened.settings().cache().direct() || opened.file().descriptor().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                leases.lend(opened.file().descriptor().getAsInt(), length, forWriting, revoke));
    }

    @Override
    public Map<String, String> info() {
        Map<String, String> info = new LinkedHashMap<>();
        info.put("engine", engine);
        info.put("locking", opened.locks().isPresent() ? "on" : "off");
        if (opened.file().isDevice()) {
            info.put("kind", "block device");
        }
        return info;
    }

    @Override
    public void close() {
        leases.revokeAll();
        opened.file().close();
    }
}
