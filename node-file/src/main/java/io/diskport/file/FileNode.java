package io.diskport.file;

import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
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
    private static final int MAXIMUM = 1 << 30;
    private static final int PAGE = 4096;
    private static final int PARALLELISM = 16;
    private static final int PARALLELISM_DIRECT = 64;

    private final OpenFile file;
    private final FileTransfer transfer;
    private final String name;
    private final String engine;
    private final NodeSettings settings;
    private final boolean writable;
    private final Optional<PermissionLocks> locks;
    private final FileLeases leases = new FileLeases();
    private final BlockLimits limits;
    private volatile long length;
    private volatile BlockIOException flushFailure;

    FileNode(
            OpenFile file,
            String name,
            String engine,
            NodeSettings settings,
            boolean writable,
            Optional<PermissionLocks> locks) {
        this.file = file;
        this.transfer = new FileTransfer(file);
        this.name = name;
        this.engine = engine;
        this.settings = settings;
        this.writable = writable;
        this.locks = locks;
        this.limits = limits(file.alignment(), settings.cache().direct());
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

    /** Looks at the file for the first time. It is not locked before somebody uses it. */
    void start() throws BlockIOException {
        long size = file.size();
        transfer.prepare(size);
        length = size;
    }

    @Override
    public boolean readOnly() {
        return !writable;
    }

    @Override
    public void setPermissions(Permissions held, Permissions shared) throws BlockException {
        if (locks.isPresent()) {
            locks.get().set(held, shared);
        }
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public long allocatedLength() {
        try {
            return file.allocated();
        } catch (BlockIOException e) {
            return length;
        }
    }

    @Override
    public BlockLimits limits() {
        return limits;
    }

    @Override
    public void read(long offset, ByteBuffer destination) throws BlockIOException {
        transfer.read(offset, destination);
    }

    @Override
    public void read(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        transfer.read(offset, destinations, first, count);
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer destination) throws BlockIOException {
        return transfer.tryRead(offset, destination);
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        return transfer.tryRead(offset, destinations, first, count);
    }

    @Override
    public void write(long offset, int flags, ByteBuffer source) throws BlockIOException {
        boolean durable = isDurable(flags);
        try {
            transfer.write(offset, durable, source);
        } catch (BlockIOException e) {
            throw durable ? remembered(e) : e;
        }
    }

    @Override
    public void write(long offset, int flags, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        boolean durable = isDurable(flags);
        try {
            transfer.write(offset, durable, sources, first, count);
        } catch (BlockIOException e) {
            throw durable ? remembered(e) : e;
        }
    }

    @Override
    public boolean tryWrite(long offset, int flags, ByteBuffer source) throws BlockIOException {
        return !isDurable(flags) && transfer.tryWrite(offset, source);
    }

    @Override
    public boolean tryWrite(long offset, int flags, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        return !isDurable(flags) && transfer.tryWrite(offset, sources, first, count);
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
            file.sync();
        } catch (BlockIOException e) {
            if (!settings.cache().direct()) {
                flushFailure = e;
            }
            throw e;
        }
    }

    @Override
    public void discard(long offset, long length, int flags) throws BlockIOException {
        file.discard(offset, length);
    }

    /** A durable request may be the one that is told of a failed write-back: as for a flush. */
    private BlockIOException remembered(BlockIOException e) {
        // only EIO, since others come from the request itself (ENOSPC)
        if (e.errno() == Errno.EIO && !settings.cache().direct()) {
            flushFailure = e;
        }
        return e;
    }

    @Override
    public void writeZeroes(long offset, long length, int flags) throws BlockIOException {
        if (length == 0) {
            return;
        }
        long alignment = file.spaceAlignment();
        long start = offset + alignment - 1 & -alignment;
        long end = offset + length & -alignment;
        if (start < end) {
            zeroBlocks(start, end - start, flags);
            transfer.writeZeroes(offset, start - offset);
            transfer.writeZeroes(end, offset + length - end);
        } else {
            transfer.writeZeroes(offset, length);
        }
        if (isDurable(flags)) {
            flush();
        }
    }

    private void zeroBlocks(long offset, long length, int flags) throws BlockIOException {
        boolean unmap = (flags & RequestFlags.NO_UNMAP) == 0;
        boolean done = unmap && file.punch(offset, length) || file.zero(offset, length);
        if (!done) {
            if ((flags & RequestFlags.NO_FALLBACK) != 0) {
                throw FileErrors.at(
                        "zero", name, offset, length, Errno.EOPNOTSUPP, Errno.EOPNOTSUPP.text());
            }
            transfer.writeZeroes(offset, length);
        }
    }

    @Override
    public Extent status(long offset, long length) throws BlockIOException {
        return file.status(offset, length);
    }

    @Override
    public void preallocate(long offset, long length) throws BlockIOException {
        if (!file.preallocate(offset, length)) {
            throw FileErrors.at(
                    "allocate", name, offset, length, Errno.EOPNOTSUPP, Errno.EOPNOTSUPP.text());
        }
    }

    @Override
    public void prefetch(long offset, long length) {
        file.prefetch(offset, length);
    }

    @Override
    public synchronized void truncate(long newLength) throws BlockIOException {
        if (file.isDevice()) {
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
        transfer.prepare(newLength);
        try {
            file.truncate(newLength);
        } catch (BlockIOException e) {
            // the end is where it was
            transfer.prepare(length);
            throw e;
        }
        length = newLength;
    }

    /** Never cuts what somebody else, who has the file on loan, appends meanwhile. */
    private void enlarge(long newLength) throws BlockIOException {
        if (file.size() < newLength && !file.preallocate(newLength - 1, 1)) {
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
        long size = file.isDevice() ? length : file.size();
        if (size > length) {
            transfer.prepare(size);
            length = size;
        }
    }

    @Override
    public Optional<FileLease> leaseFile(boolean forWriting, Runnable revoke) {
        // whoever uses the descriptor on their own goes through the page cache
        boolean fits = writable || !forWriting;
        if (!fits || settings.cache().direct() || file.descriptor().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(leases.lend(file.descriptor().getAsInt(), length, forWriting, revoke));
    }

    @Override
    public Map<String, String> info() {
        Map<String, String> info = new LinkedHashMap<>();
        info.put("engine", engine);
        info.put("locking", locks.isPresent() ? "on" : "off");
        if (file.isDevice()) {
            info.put("kind", "block device");
        }
        return info;
    }

    @Override
    public void close() {
        leases.revokeAll();
        file.close();
    }
}
