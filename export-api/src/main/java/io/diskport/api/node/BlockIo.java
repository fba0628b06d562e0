package io.diskport.api.node;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Reading and writing a run of bytes: what nodes offer to core, and core to exports and parents.
 *
 * <p><b>Threads.</b> Calls are synchronous, but for {@link #begin}, and come from any thread, many
 * at once. Of calls that overlap in time and in range, each byte is as one of them left it.
 *
 * <p><b>Buffers.</b> A buffer is used from its position to its limit, and its position moves to its
 * limit when the call succeeds; when it fails, the position and a destination's content are
 * undefined. Direct and heap buffers are both right. No buffer is used after the call has returned,
 * but those of a request that {@link #begin} has begun.
 *
 * <p><b>Ranges.</b> Core refuses what lies outside before it reaches a node, so a node may rely on
 * {@code 0 <= offset}, {@code offset + length <= length()} and on the alignment of its own {@link
 * BlockLimits}. Users of core's side may ask for any offset and length.
 *
 * <p><b>Errors.</b> {@link BlockIOException} with the number a client shall see. A request that
 * failed may have been done in part.
 */
@ConsumerType
public interface BlockIo {
    /** The length in bytes, to the byte; the call does not block. */
    long length();

    /**
     * How many bytes are allocated for it, as far as is known; it may ask the system, not a
     * network.
     */
    default long allocatedLength() {
        return length();
    }

    /** What requests it takes and likes; the call does not block. */
    BlockLimits limits();

    /** Fills the destination from the offset, or fails. */
    void read(long offset, ByteBuffer destination) throws BlockIOException;

    /** Fills {@code count} destinations from index {@code first} one after the other, or fails. */
    default void read(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        long position = offset;
        for (int i = first; i < first + count; i++) {
            int length = destinations[i].remaining();
            if (length > 0) {
                read(position, destinations[i]);
                position += length;
            }
        }
    }

    /**
     * Writes the source at the offset.
     *
     * @param flags {@link RequestFlags#FUA} or none
     */
    void write(long offset, int flags, ByteBuffer source) throws BlockIOException;

    /** Writes {@code count} sources from index {@code first} one after the other. */
    default void write(long offset, int flags, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        long position = offset;
        for (int i = first; i < first + count; i++) {
            int length = sources[i].remaining();
            if (length > 0) {
                write(position, flags, sources[i]);
                position += length;
            }
        }
    }

    /**
     * Reads if nothing has to be waited for.
     *
     * @return false if it would have to wait, or could do only a part: the buffer's position is as
     *     it was, its content may not be, and the caller gives {@link #read(long, ByteBuffer)} to
     *     an executor
     */
    default boolean tryRead(long offset, ByteBuffer destination) throws BlockIOException {
        return false;
    }

    /** The same for several buffers. */
    default boolean tryRead(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        return count == 1 && tryRead(offset, destinations[first]);
    }

    /**
     * Writes if nothing has to be waited for; as {@link #tryRead(long, ByteBuffer)}. Where it could
     * do only a part, that part may have been written; the caller writes all of it again.
     */
    default boolean tryWrite(long offset, int flags, ByteBuffer source) throws BlockIOException {
        return false;
    }

    /** The same for several buffers. */
    default boolean tryWrite(long offset, int flags, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        return count == 1 && tryWrite(offset, flags, sources[first]);
    }

    /**
     * Begins a read or write that ends later, if the node has such a way, and without waiting.
     *
     * @return true if it has begun: it ends in any thread, maybe before this call returns. False if
     *     not, and nothing is done: the caller gives it to {@link #read(long, ByteBuffer)} or its
     *     like
     */
    default boolean begin(AsyncRequest request) throws BlockIOException {
        return false;
    }

    /** Returns when all that was written before the call is on stable storage. */
    void flush() throws BlockIOException;

    /**
     * Says that the content of the range is not needed any more; advice, so doing nothing is right.
     * What the range reads as afterwards is not defined.
     */
    default void discard(long offset, long length, int flags) throws BlockIOException {}

    /**
     * Makes the range read as zeroes. What a node gets has {@link RequestFlags#NO_UNMAP} set where
     * its settings ignore discards.
     *
     * @param flags {@link RequestFlags#FUA}, {@link RequestFlags#NO_UNMAP}, {@link
     *     RequestFlags#NO_FALLBACK}
     */
    void writeZeroes(long offset, long length, int flags) throws BlockIOException;

    /**
     * The state of the run that begins at the offset.
     *
     * @param length how far to look at the most, at least 1
     * @return an extent of at least 1 and at most {@code length} bytes
     */
    default Extent status(long offset, long length) throws BlockIOException {
        return Extent.data(length);
    }

    /** Allocates the range, so that writing into it does not fail for want of space. */
    default void preallocate(long offset, long length) throws BlockIOException {
        throw new BlockIOException(Errno.EOPNOTSUPP, "preallocation is not supported");
    }

    /** Says that the range will be read soon; advice. */
    default void prefetch(long offset, long length) throws BlockIOException {}

    /** Changes the length; what is added reads as zeroes. */
    default void truncate(long length) throws BlockIOException {
        throw new BlockIOException(Errno.EOPNOTSUPP, "resizing is not supported");
    }

    /**
     * Looks at the length again, which may have grown without this node: a file that was lent grows
     * as its holder writes. What is there stays.
     */
    default void refreshLength() throws BlockIOException {}

    /**
     * Lends the plain file beneath, where there is one and nothing between forbids it (a throttle,
     * an offset that the caller cannot use, a driver without files).
     *
     * @param writable whether the caller wants to write
     * @param revoke called from any thread before a drain, reopen or close: the holder stops using
     *     the file, closes the lease, and returns, within 3 s
     */
    default Optional<FileLease> leaseFile(boolean writable, Runnable revoke)
            throws BlockIOException {
        return Optional.empty();
    }
}
