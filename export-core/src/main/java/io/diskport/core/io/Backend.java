package io.diskport.core.io;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.manage.BlockStats;
import io.diskport.api.node.AsyncRequest;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.Extent;
import io.diskport.api.node.FileLease;
import io.diskport.api.node.RequestFlags;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What an export reads and writes: its link to the node with accounting in front, so that it can be
 * ended whatever its requests wait for.
 */
public final class Backend implements BlockBackend, AsyncRequest.Layer {
    private final NodeLink link;
    private final int writeFlags;
    private final Counters counters;
    private final Waits waits;
    private final Usage usage;

    /**
     * The backend of one export.
     *
     * @param link has its permissions
     * @param writethrough whether a write is on stable storage before it is acknowledged
     * @param counters of the export, which may be older than this backend
     */
    public Backend(NodeLink link, boolean writethrough, Counters counters) {
        this(
                link,
                writethrough ? RequestFlags.FUA : RequestFlags.NONE,
                counters,
                new Waits(),
                new Usage());
    }

    private Backend(NodeLink link, int writeFlags, Counters counters, Waits waits, Usage usage) {
        this.link = link;
        this.writeFlags = writeFlags;
        this.counters = counters;
        this.waits = waits;
        this.usage = usage;
    }

    /** The same backend for one of its clients, whose use is counted as well. */
    public Backend forClient(Usage clientUsage) {
        return new Backend(link, writeFlags, counters, waits, clientUsage);
    }

    /** From now on every call fails with ESHUTDOWN, those that wait inside core included. */
    public void end(String message) {
        link.shut(message);
        waits.end(message);
    }

    /** Waits for the calls in flight after {@link #end}; false if time ran out. */
    public boolean awaitEmpty(long nanos) {
        return link.awaitEmpty(nanos);
    }

    /** The counters as they are now. */
    public BlockStats stats() {
        return counters.snapshot(inFlight());
    }

    /** How many requests have begun and not ended. */
    public long inFlight() {
        return link.inFlight();
    }

    @Override
    public String nodeName() {
        return link.nodeName();
    }

    @Override
    public boolean writable() {
        return link.held().write();
    }

    @Override
    public boolean resizable() {
        return link.held().resize();
    }

    @Override
    public long changesByOthers() {
        return link.changesByOthers();
    }

    @Override
    public long length() {
        return link.length();
    }

    @Override
    public long allocatedLength() {
        return link.allocatedLength();
    }

    @Override
    public BlockLimits limits() {
        return link.limits();
    }

    @Override
    public void read(long offset, ByteBuffer destination) throws BlockIOException {
        long length = destination.remaining();
        long begun = System.nanoTime();
        Waits before = waits.enter();
        try {
            link.read(offset, destination);
            doneReading(length, begun);
        } catch (BlockIOException | RuntimeException e) {
            throw failed(e);
        } finally {
            Waits.leave(before);
        }
    }

    @Override
    public void read(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        long length = NodeIo.length(destinations, first, count);
        long begun = System.nanoTime();
        Waits before = waits.enter();
        try {
            link.read(offset, destinations, first, count);
            doneReading(length, begun);
        } catch (BlockIOException | RuntimeException e) {
            throw failed(e);
        } finally {
            Waits.leave(before);
        }
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer destination) throws BlockIOException {
        long length = destination.remaining();
        long begun = System.nanoTime();
        Waits before = waits.enter();
        try {
            boolean done = link.tryRead(offset, destination);
            if (done) {
                doneReading(length, begun);
            }
            return done;
        } catch (BlockIOException | RuntimeException e) {
            throw failed(e);
        } finally {
            Waits.leave(before);
        }
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        long length = NodeIo.length(destinations, first, count);
        long begun = System.nanoTime();
        Waits before = waits.enter();
        try {
            boolean done = link.tryRead(offset, destinations, first, count);
            if (done) {
                doneReading(length, begun);
            }
            return done;
        } catch (BlockIOException | RuntimeException e) {
            throw failed(e);
        } finally {
            Waits.leave(before);
        }
    }

    @Override
    public void write(long offset, int flags, ByteBuffer source) throws BlockIOException {
        long length = source.remaining();
        long begun = System.nanoTime();
        Waits before = waits.enter();
        try {
            link.write(offset, flags | writeFlags, source);
            doneWriting(length, begun);
        } catch (BlockIOException | RuntimeException e) {
            throw failed(e);
        } finally {
            Waits.leave(before);
        }
    }

    @Override
    public void write(long offset, int flags, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        long length = NodeIo.length(sources, first, count);
        long begun = System.nanoTime();
        Waits before = waits.enter();
        try {
            link.write(offset, flags | writeFlags, sources, first, count);
            doneWriting(length, begun);
        } catch (BlockIOException | RuntimeException e) {
            throw failed(e);
        } finally {
            Waits.leave(before);
        }
    }

    @Override
    public boolean tryWrite(long offset, int flags, ByteBuffer source) throws BlockIOException {
        long length = source.remaining();
        long begun = System.nanoTime();
        Waits before = waits.enter();
        try {
            boolean done = link.tryWrite(offset, flags | writeFlags, source);
            if (done) {
                doneWriting(length, begun);
            }
            return done;
        } catch (BlockIOException | RuntimeException e) {
            throw failed(e);
        } finally {
            Waits.leave(before);
        }
    }

    @Override
    public boolean tryWrite(long offset, int flags, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        long length = NodeIo.length(sources, first, count);
        long begun = System.nanoTime();
        Waits before = waits.enter();
        try {
            boolean done = link.tryWrite(offset, flags | writeFlags, sources, first, count);
            if (done) {
                doneWriting(length, begun);
            }
            return done;
        } catch (BlockIOException | RuntimeException e) {
            throw failed(e);
        } finally {
            Waits.leave(before);
        }
    }

    @Override
    public boolean begin(AsyncRequest request) throws BlockIOException {
        request.addFlags(writeFlags);
        request.enter(this, System.nanoTime());
        boolean begun = false;
        try {
            begun = link.begin(request);
        } catch (BlockIOException | RuntimeException e) {
            throw failed(e);
        } finally {
            if (!begun) {
                request.leave();
            }
        }
        return begun;
    }

    /** A request that was begun has ended. */
    @Override
    public void ended(AsyncRequest request, long begun, AsyncRequest.Outcome outcome) {
        if (outcome == AsyncRequest.Outcome.FAILED) {
            counters.failed();
        } else if (outcome == AsyncRequest.Outcome.DONE && request.isWrite()) {
            doneWriting(request.length(), begun);
        } else if (outcome == AsyncRequest.Outcome.DONE) {
            doneReading(request.length(), begun);
        }
    }

    @Override
    public void flush() throws BlockIOException {
        long begun = System.nanoTime();
        call(link::flush);
        counters.flushed(System.nanoTime() - begun);
        usage.add(0);
    }

    @Override
    public void discard(long offset, long length, int flags) throws BlockIOException {
        call(() -> link.discard(offset, length, flags));
        counters.discarded();
        usage.add(0);
    }

    @Override
    public void writeZeroes(long offset, long length, int flags) throws BlockIOException {
        long begun = System.nanoTime();
        call(() -> link.writeZeroes(offset, length, flags | writeFlags));
        doneWriting(length, begun);
    }

    @Override
    public Extent status(long offset, long length) throws BlockIOException {
        Extent[] extent = new Extent[1];
        call(() -> extent[0] = link.status(offset, length));
        return extent[0];
    }

    @Override
    public void preallocate(long offset, long length) throws BlockIOException {
        call(() -> link.preallocate(offset, length));
    }

    @Override
    public void prefetch(long offset, long length) throws BlockIOException {
        call(() -> link.prefetch(offset, length));
    }

    @Override
    public void truncate(long length) throws BlockIOException {
        call(() -> link.truncate(length));
    }

    @Override
    public void refreshLength() throws BlockIOException {
        call(link::refreshLength);
    }

    @Override
    public Optional<FileLease> leaseFile(boolean writable, Runnable revoke)
            throws BlockIOException {
        // Whoever writes past us would not write through.
        return writable && writeFlags != RequestFlags.NONE
                ? Optional.empty()
                : link.leaseFile(writable, revoke);
    }

    private void doneReading(long length, long begun) {
        counters.read(length, System.nanoTime() - begun);
        usage.add(length);
    }

    private void doneWriting(long length, long begun) {
        counters.written(length, System.nanoTime() - begun);
        usage.add(length);
    }

    private void call(Action action) throws BlockIOException {
        Waits before = waits.enter();
        try {
            action.run();
        } catch (BlockIOException | RuntimeException e) {
            throw failed(e);
        } finally {
            Waits.leave(before);
        }
    }

    /** Counts a failure; what a driver did not say as an I/O error is one all the same. */
    private BlockIOException failed(Exception e) {
        counters.failed();
        if (e instanceof BlockIOException io) {
            return io;
        }
        return new BlockIOException(Errno.EIO, "node '" + link.nodeName() + "': " + e, e);
    }

    private interface Action {
        void run() throws BlockIOException;
    }
}
