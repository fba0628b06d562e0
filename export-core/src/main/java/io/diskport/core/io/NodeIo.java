package io.diskport.core.io;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.AsyncRequest;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.DetectZeroes;
import io.diskport.api.node.DiscardMode;
import io.diskport.api.node.Extent;
import io.diskport.api.node.FileLease;
import io.diskport.api.node.NodeSettings;
import io.diskport.api.node.RequestFlags;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * An open node for all its users together: makes any offset, length and address right for what the
 * node takes, and applies the settings that every node has. Ranges have been checked before.
 */
public final class NodeIo implements AsyncRequest.Layer {
    private static final int WRITE_FLAGS = RequestFlags.FUA;
    private static final int ZERO_FLAGS =
            RequestFlags.FUA | RequestFlags.NO_UNMAP | RequestFlags.NO_FALLBACK;

    private final BlockNode node;
    private final UnalignedIo unaligned;
    private final RangeLocks ranges = new RangeLocks();
    private volatile NodeSettings settings;
    private volatile BlockLimits limits;

    /** Takes an open node. */
    public NodeIo(BlockNode node, NodeSettings settings) {
        this.node = node;
        this.settings = settings;
        this.limits = node.limits();
        this.unaligned = new UnalignedIo(node, ranges);
    }

    /** The node as its driver made it. */
    public BlockNode node() {
        return node;
    }

    /** Whether it cannot be written. */
    public boolean readOnly() {
        return settings.readOnly() || node.readOnly();
    }

    /** The settings that are in force. */
    public NodeSettings settings() {
        return settings;
    }

    /** Other settings, while no request is in flight. */
    public void settings(NodeSettings now) {
        settings = now;
    }

    /** Asks the node for its limits anew. */
    public void limitsChanged() {
        limits = node.limits();
    }

    BlockLimits limits() {
        return limits;
    }

    void read(long offset, ByteBuffer destination) throws BlockIOException {
        if (fits(offset, destination)) {
            node.read(offset, destination);
        } else {
            unaligned.read(limits, offset, destination);
        }
    }

    void read(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        if (fit(offset, destinations, first, count)) {
            node.read(offset, destinations, first, count);
            return;
        }
        long position = offset;
        for (int i = first; i < first + count; i++) {
            int length = destinations[i].remaining();
            read(position, destinations[i]);
            position += length;
        }
    }

    boolean tryRead(long offset, ByteBuffer destination) throws BlockIOException {
        return fits(offset, destination) && node.tryRead(offset, destination);
    }

    boolean tryRead(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        return fit(offset, destinations, first, count)
                && node.tryRead(offset, destinations, first, count);
    }

    void write(long offset, int flags, ByteBuffer source) throws BlockIOException {
        check(flags, WRITE_FLAGS);
        if (detectsZeroes() && Zeroes.only(source)) {
            zero(offset, source.remaining(), flags);
            source.position(source.limit());
            return;
        }
        if (takesAny() && source.remaining() <= limits.maximumLength()) {
            node.write(offset, flags, source);
        } else if (fits(offset, source)) {
            RangeLocks.Range range = ranges.shared(offset, offset + source.remaining());
            try {
                node.write(offset, flags, source);
            } finally {
                ranges.end(range);
            }
        } else {
            unaligned.write(limits, offset, flags, source);
        }
    }

    void write(long offset, int flags, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        check(flags, WRITE_FLAGS);
        if (detectsZeroes() && Zeroes.only(sources, first, count)) {
            zero(offset, length(sources, first, count), flags);
            Zeroes.consume(sources, first, count);
            return;
        }
        boolean any = takesAny();
        if (!fit(offset, sources, first, count)) {
            long position = offset;
            for (int i = first; i < first + count; i++) {
                int length = sources[i].remaining();
                write(position, flags, sources[i]);
                position += length;
            }
        } else if (any) {
            node.write(offset, flags, sources, first, count);
        } else {
            long end = offset + length(sources, first, count);
            RangeLocks.Range range = ranges.shared(offset, end);
            try {
                node.write(offset, flags, sources, first, count);
            } finally {
                ranges.end(range);
            }
        }
    }

    boolean tryWrite(long offset, int flags, ByteBuffer source) throws BlockIOException {
        check(flags, WRITE_FLAGS);
        if (detectsZeroes() && Zeroes.only(source)) {
            return false;
        }
        if (takesAny()) {
            return source.remaining() <= limits.maximumLength()
                    && node.tryWrite(offset, flags, source);
        }
        if (!fits(offset, source) || !ranges.tryShared()) {
            return false;
        }
        try {
            return node.tryWrite(offset, flags, source);
        } finally {
            ranges.end(null);
        }
    }

    boolean tryWrite(long offset, int flags, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        check(flags, WRITE_FLAGS);
        boolean any = takesAny();
        if (!fit(offset, sources, first, count)
                || detectsZeroes() && Zeroes.only(sources, first, count)) {
            return false;
        }
        if (any) {
            return node.tryWrite(offset, flags, sources, first, count);
        }
        if (!ranges.tryShared()) {
            return false;
        }
        try {
            return node.tryWrite(offset, flags, sources, first, count);
        } finally {
            ranges.end(null);
        }
    }

    boolean begin(AsyncRequest request) throws BlockIOException {
        if (!fit(request.offset(), request.buffers(), request.first(), request.count())) {
            return false;
        }
        if (!request.isWrite()) {
            return node.begin(request);
        }
        check(request.flags(), WRITE_FLAGS);
        if (detectsZeroes()) {
            return false;
        }
        return takesAny() ? node.begin(request) : beginShared(request);
    }

    private boolean beginShared(AsyncRequest request) throws BlockIOException {
        if (!ranges.tryShared()) {
            return false;
        }
        request.enter(this, 0);
        boolean begun = false;
        try {
            begun = node.begin(request);
        } finally {
            if (!begun) {
                request.leave();
                ranges.end(null);
            }
        }
        return begun;
    }

    /** A write that was begun has ended. */
    @Override
    public void ended(AsyncRequest request, long state, AsyncRequest.Outcome outcome) {
        ranges.end(null);
    }

    private boolean detectsZeroes() {
        return settings.detectZeroes() != DetectZeroes.OFF;
    }

    /** What writing zeroes becomes; a node that cannot be quick about it writes them. */
    private void zero(long offset, long length, int flags) throws BlockIOException {
        boolean unmap = settings.detectZeroes() == DetectZeroes.UNMAP;
        writeZeroes(offset, length, unmap ? flags : flags | RequestFlags.NO_UNMAP);
    }

    void flush() throws BlockIOException {
        if (!settings.cache().noFlush()) {
            node.flush();
        }
    }

    void discard(long offset, long length, int flags) throws BlockIOException {
        check(flags, RequestFlags.NONE);
        if (settings.discard() == DiscardMode.IGNORE) {
            return;
        }
        BlockLimits now = limits;
        long alignment = Math.max(now.discardAlignment(), now.requestAlignment());
        long start = (offset + alignment - 1) & -alignment;
        long end = offset + length;
        if (end != node.length()) {
            end &= -alignment;
        }
        if (start >= end) {
            return;
        }
        if (alignment == 1) {
            node.discard(start, end - start, flags);
            return;
        }
        RangeLocks.Range range = ranges.shared(start, end);
        try {
            node.discard(start, end - start, flags);
        } finally {
            ranges.end(range);
        }
    }

    void writeZeroes(long offset, long length, int flags) throws BlockIOException {
        check(flags, ZERO_FLAGS);
        int effective =
                settings.discard() == DiscardMode.IGNORE ? flags | RequestFlags.NO_UNMAP : flags;
        if (takesAny()) {
            node.writeZeroes(offset, length, effective);
        } else {
            unaligned.writeZeroes(limits, offset, length, effective);
        }
    }

    Extent status(long offset, long length) throws BlockIOException {
        long alignment = limits.requestAlignment();
        long start = offset & -alignment;
        while (true) {
            Extent extent = node.status(start, offset + length - start);
            long end = start + extent.length();
            if (end > offset) {
                return extent.withLength(Math.min(end - offset, length));
            }
            start = end;
        }
    }

    void preallocate(long offset, long length) throws BlockIOException {
        node.preallocate(offset, length);
    }

    void prefetch(long offset, long length) throws BlockIOException {
        node.prefetch(offset, length);
    }

    /** Changes the length; no request is in flight, for the last block may be half there. */
    public void truncate(long length) throws BlockIOException {
        node.truncate(length);
    }

    /** Looks at the length again. */
    public void refreshLength() throws BlockIOException {
        node.refreshLength();
    }

    Optional<FileLease> leaseFile(boolean writable, Runnable revoke) throws BlockIOException {
        // Whoever writes past us would write zeroes as they are.
        return writable && detectsZeroes() ? Optional.empty() : node.leaseFile(writable, revoke);
    }

    /** Whether nothing has to be aligned. */
    private boolean takesAny() {
        BlockLimits now = limits;
        return now.requestAlignment() == 1 && now.memoryAlignment() == 1;
    }

    private boolean fits(long offset, ByteBuffer buffer) {
        BlockLimits now = limits;
        int length = buffer.remaining();
        return length <= now.maximumLength()
                && fitsRange(now, offset, length)
                && fitsMemory(now, buffer);
    }

    private boolean fit(long offset, ByteBuffer[] buffers, int first, int count) {
        BlockLimits now = limits;
        int mask = now.requestAlignment() - 1;
        for (int i = first; i < first + count; i++) {
            boolean last = i == first + count - 1;
            if (!fitsMemory(now, buffers[i]) || !last && (buffers[i].remaining() & mask) != 0) {
                return false;
            }
        }
        long length = length(buffers, first, count);
        return length <= now.maximumLength() && fitsRange(now, offset, length);
    }

    private boolean fitsRange(BlockLimits now, long offset, long length) {
        int mask = now.requestAlignment() - 1;
        return (offset & mask) == 0 && ((length & mask) == 0 || offset + length == node.length());
    }

    private static boolean fitsMemory(BlockLimits now, ByteBuffer buffer) {
        int alignment = now.memoryAlignment();
        return alignment == 1
                || !buffer.isDirect()
                || buffer.alignmentOffset(buffer.position(), alignment) == 0;
    }

    static long length(ByteBuffer[] buffers, int first, int count) {
        long length = 0;
        for (int i = first; i < first + count; i++) {
            length += buffers[i].remaining();
        }
        return length;
    }

    private static void check(int flags, int allowed) throws BlockIOException {
        if ((flags & ~allowed) != 0) {
            throw new BlockIOException(
                    Errno.EINVAL, "request flags " + flags + " are not all known here");
        }
    }
}
