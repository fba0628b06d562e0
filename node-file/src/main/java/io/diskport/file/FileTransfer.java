package io.diskport.file;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.AsyncRequest;
import java.nio.ByteBuffer;

/**
 * Brings requests into a form that the file takes: heap buffers and unaligned ones go through a
 * bounce buffer, and the odd end of a file that is otherwise accessed past the page cache goes
 * through it.
 *
 * <p>A request's offset and length are multiples of the file's alignment, but that it may end at
 * the file's end, wherever that is.
 */
final class FileTransfer {
    /** No page is larger. */
    private static final long PAGE_MASK = 64 * 1024 - 1;

    private static final long NONE = Long.MAX_VALUE;

    private static final ByteBuffer ZEROES = BounceBuffer.allocate().asReadOnlyBuffer();

    private final OpenFile file;
    private final int memory;
    private final long mask;

    /**
     * Where the page begins that is partly written past the page cache and partly through it. The
     * kernel writes whole pages back, so the two ways must not be used on it at once.
     */
    private volatile long sharedPage = NONE;

    private volatile OpenFile oddEnd;
    private final Object sharedPageLock = new Object();

    FileTransfer(OpenFile file) {
        this.file = file;
        this.memory = file.alignment().memory();
        this.mask = file.alignment().request() - 1;
    }

    /** Gets ready for a file of a length; to be called before the first request at its end. */
    void prepare(long length) throws BlockIOException {
        if ((length & mask) == 0) {
            sharedPage = NONE;
        } else {
            oddEnd = file.buffered();
            sharedPage = length & ~PAGE_MASK;
        }
    }

    void read(long offset, ByteBuffer destination) throws BlockIOException {
        if (fits(destination)) {
            readStraight(offset, destination);
        } else {
            readBounced(offset, new ByteBuffer[] {destination}, 0, 1);
        }
    }

    void read(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        if (fit(destinations, first, count)) {
            file.read(offset, destinations, first, count);
        } else {
            readBounced(offset, destinations, first, count);
        }
    }

    boolean tryRead(long offset, ByteBuffer destination) throws BlockIOException {
        int length = destination.remaining();
        if (fits(destination)) {
            return (length & mask) == 0 && file.tryRead(offset, destination);
        }
        if (length > BounceBuffer.SIZE || (length & mask) != 0) {
            return false;
        }
        ByteBuffer bounce = BounceBuffer.get(length);
        boolean read = file.tryRead(offset, bounce);
        if (read) {
            destination.put(bounce.flip());
        }
        return read;
    }

    boolean tryRead(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        return fit(destinations, first, count) && file.tryRead(offset, destinations, first, count);
    }

    void write(long offset, boolean durable, ByteBuffer source) throws BlockIOException {
        if (fits(source)) {
            writeStraight(offset, durable, source);
        } else {
            writeBounced(offset, durable, new ByteBuffer[] {source}, 0, 1);
        }
    }

    void write(long offset, boolean durable, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        if (fit(sources, first, count) && isApart(offset, sources, first, count)) {
            file.write(offset, durable, sources, first, count);
        } else {
            writeBounced(offset, durable, sources, first, count);
        }
    }

    boolean tryWrite(long offset, ByteBuffer source) throws BlockIOException {
        int length = source.remaining();
        if (sharedPage != NONE || length > BounceBuffer.SIZE) {
            return false;
        }
        if (fits(source)) {
            return file.tryWrite(offset, source);
        }
        int position = source.position();
        boolean written = file.tryWrite(offset, BounceBuffer.get(length).put(source).flip());
        if (!written) {
            source.position(position);
        }
        return written;
    }

    boolean tryWrite(long offset, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        return sharedPage == NONE
                && fit(sources, first, count)
                && file.tryWrite(offset, sources, first, count);
    }

    boolean begin(AsyncRequest request) {
        ByteBuffer[] buffers = request.buffers();
        int first = request.first();
        int count = request.count();
        return fit(buffers, first, count)
                && (!request.isWrite() || isApart(request.offset(), buffers, first, count))
                && file.begin(request);
    }

    void writeZeroes(long offset, long length) throws BlockIOException {
        ByteBuffer zeroes = ZEROES.duplicate();
        for (long done = 0; done < length; ) {
            int piece = (int) Math.min(length - done, BounceBuffer.SIZE);
            writeStraight(offset + done, false, zeroes.clear().limit(piece));
            done += piece;
        }
    }

    private boolean isApart(long offset, ByteBuffer[] buffers, int first, int count) {
        return offset + remaining(buffers, first, count) <= sharedPage;
    }

    private boolean fits(ByteBuffer buffer) {
        return buffer.isDirect()
                && (memory == 1 || buffer.alignmentOffset(buffer.position(), memory) == 0);
    }

    private boolean fit(ByteBuffer[] buffers, int first, int count) {
        for (int i = first; i < first + count; i++) {
            if (!fits(buffers[i]) || (buffers[i].remaining() & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    /** From a fitting buffer, the odd end apart. */
    private void readStraight(long offset, ByteBuffer destination) throws BlockIOException {
        int odd = (int) (destination.remaining() & mask);
        if (odd == 0) {
            file.read(offset, destination);
            return;
        }
        int end = destination.limit();
        int body = destination.remaining() - odd;
        file.read(offset, destination.limit(end - odd));
        oddEnd().read(offset + body, destination.limit(end));
    }

    private void writeStraight(long offset, boolean durable, ByteBuffer source)
            throws BlockIOException {
        if (offset + source.remaining() <= sharedPage) {
            file.write(offset, durable, source);
            return;
        }
        synchronized (sharedPageLock) {
            int end = source.limit();
            int odd = (int) (source.remaining() & mask);
            int body = source.remaining() - odd;
            file.write(offset, durable, source.limit(end - odd));
            source.limit(end);
            if (odd > 0) {
                oddEnd().write(offset + body, durable, source);
            }
        }
    }

    private OpenFile oddEnd() throws BlockIOException {
        OpenFile end = oddEnd;
        if (end == null) {
            throw new BlockIOException(
                    Errno.EINVAL, "A request that is not aligned does not end at the file's end");
        }
        return end;
    }

    private void readBounced(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        long left = remaining(destinations, first, count);
        long position = offset;
        int next = first;
        while (left > 0) {
            int piece = (int) Math.min(left, BounceBuffer.SIZE);
            ByteBuffer bounce = BounceBuffer.get(piece);
            readStraight(position, bounce);
            bounce.flip();
            while (bounce.hasRemaining()) {
                next = move(bounce, bounce, destinations[next], next);
            }
            position += piece;
            left -= piece;
        }
    }

    private void writeBounced(
            long offset, boolean durable, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        long left = remaining(sources, first, count);
        long position = offset;
        int next = first;
        while (left > 0) {
            int piece = (int) Math.min(left, BounceBuffer.SIZE);
            ByteBuffer bounce = BounceBuffer.get(piece);
            while (bounce.hasRemaining()) {
                next = move(bounce, sources[next], bounce, next);
            }
            writeStraight(position, durable, bounce.flip());
            position += piece;
            left -= piece;
        }
    }

    /** Copies as much as both have; the index, or the next one if that buffer is done. */
    private static int move(ByteBuffer bounce, ByteBuffer from, ByteBuffer to, int index) {
        int n = Math.min(from.remaining(), to.remaining());
        to.put(to.position(), from, from.position(), n);
        from.position(from.position() + n);
        to.position(to.position() + n);
        ByteBuffer other = from == bounce ? to : from;
        return other.hasRemaining() ? index : index + 1;
    }

    private static long remaining(ByteBuffer[] buffers, int first, int count) {
        long sum = 0;
        for (int i = first; i < first + count; i++) {
            sum += buffers[i].remaining();
        }
        return sum;
    }
}
