package io.diskport.file;

import io.diskport.api.BlockIOException;
import io.diskport.api.node.AsyncRequest;
import io.diskport.api.node.Extent;
import java.nio.ByteBuffer;
import java.util.OptionalInt;

/**
 * An open file or block device: the seam between the node and the ways to do I/O, native calls or
 * the JDK's channels.
 *
 * <p>Everything goes by descriptor, never by path again: the path may meanwhile be covered by a
 * mount of our own, and asking for it would wait for ourselves. Buffers are direct and, where
 * {@link #alignment} asks for it, aligned; their positions move to their limits on success. Errors
 * name the file, the operation and the offset. Any thread.
 */
interface OpenFile extends AutoCloseable {
    /** Its length now, in bytes; a device's by asking the device. */
    long size() throws BlockIOException;

    /** Bytes allocated for it; its size where that is not known. */
    long allocated() throws BlockIOException;

    /** What offsets, lengths and memory must be multiples of. */
    Alignment alignment();

    boolean isDevice();

    /** Fills the buffer; what lies past the end of the file comes as zeroes. */
    void read(long offset, ByteBuffer destination) throws BlockIOException;

    void read(long offset, ByteBuffer[] destinations, int first, int count) throws BlockIOException;

    /** Fills the buffers if all can be had without waiting; otherwise positions stay. */
    boolean tryRead(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException;

    /** The same for one buffer. */
    boolean tryRead(long offset, ByteBuffer destination) throws BlockIOException;

    /** Writes the buffer; a durable write is on stable storage when the call returns. */
    void write(long offset, boolean durable, ByteBuffer source) throws BlockIOException;

    void write(long offset, boolean durable, ByteBuffer[] sources, int first, int count)
            throws BlockIOException;

    /** Writes the buffers if that can be done without waiting; otherwise positions stay. */
    boolean tryWrite(long offset, ByteBuffer[] sources, int first, int count)
            throws BlockIOException;

    /** The same for one buffer. */
    boolean tryWrite(long offset, ByteBuffer source) throws BlockIOException;

    /** Begins a request whose buffers are direct and aligned, if the file has such a way. */
    default boolean begin(AsyncRequest request) {
        return false;
    }

    /** Returns when everything written before is on stable storage. */
    void sync() throws BlockIOException;

    /** What the ranges of punch and zero must be multiples of: more than 1 for a device. */
    int spaceAlignment();

    /** Frees the range, which then reads as zeroes; false where that is not possible. */
    boolean punch(long offset, long length) throws BlockIOException;

    /** Zeroes the range, which stays allocated; false where that is no faster than writing. */
    boolean zero(long offset, long length) throws BlockIOException;

    /** Says that the range's content is not needed; any range. False where it is not possible. */
    boolean discard(long offset, long length) throws BlockIOException;

    /** Data or hole; data where that cannot be found out. */
    Extent status(long offset, long length) throws BlockIOException;

    /** Allocates the range; false where that is not possible. */
    boolean preallocate(long offset, long length) throws BlockIOException;

    /** Advice, so it never fails. */
    void prefetch(long offset, long length);

    void truncate(long length) throws BlockIOException;

    /** The same file through the page cache, for what O_DIRECT cannot reach; opened when asked. */
    OpenFile buffered() throws BlockIOException;

    /** The number of its descriptor, where there is a way to know it. */
    OptionalInt descriptor();

    /** Whether the three calls below work for this file. */
    boolean canLock();

    /** Holds a shared lock on one byte, for as long as the file is open. Not exclusive. */
    void lockByte(long position) throws BlockIOException;

    void unlockByte(long position) throws BlockIOException;

    /** Whether anybody else holds a lock on the byte. */
    boolean isByteLockedByOthers(long position) throws BlockIOException;

    /** Idempotent. */
    @Override
    void close();
}
