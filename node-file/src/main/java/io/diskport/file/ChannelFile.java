package io.diskport.file;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/**
 * An open file through the JDK, where there is nothing native: no holes, no locks, no attempts.
 *
 * <p>The channel is the asynchronous one with an executor that runs on the caller's thread, since
 * an interrupt of any thread in a FileChannel closes it for all.
 */
final class ChannelFile implements OpenFile {
    private final AsynchronousFileChannel channel;
    private final ChannelFile buffered;
    private final String name;
    private final boolean device;
    private final Alignment alignment;

    /**
     * An open file.
     *
     * @param buffered the same file through the page cache if the first is past it, or null
     */
    ChannelFile(
            AsynchronousFileChannel channel,
            AsynchronousFileChannel buffered,
            String name,
            boolean device,
            Alignment alignment) {
        this.channel = channel;
        this.buffered =
                buffered == null
                        ? this
                        : new ChannelFile(buffered, null, name, device, Alignment.NONE);
        this.name = name;
        this.device = device;
        this.alignment = alignment;
    }

    @Override
    public long size() throws BlockIOException {
        try {
            return channel.size();
        } catch (IOException e) {
            throw failure("find the length of", e);
        }
    }

    @Override
    public long allocated() throws BlockIOException {
        return size();
    }

    @Override
    public Alignment alignment() {
        return alignment;
    }

    @Override
    public boolean isDevice() {
        return device;
    }

    @Override
    public void read(long offset, ByteBuffer destination) throws BlockIOException {
        int start = destination.position();
        int block = alignment.request();
        while (destination.hasRemaining()) {
            long position = offset + destination.position() - start;
            int n = await("read", position, destination, channel.read(destination, position));
            // the end of the file; past the page cache only that cuts a block in two
            if (n < 0 || (n & (block - 1)) != 0) {
                while (destination.hasRemaining()) {
                    destination.put((byte) 0);
                }
            }
        }
    }

    @Override
    public void read(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        long position = offset;
        for (int i = first; i < first + count; i++) {
            int length = destinations[i].remaining();
            read(position, destinations[i]);
            position += length;
        }
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer destination) {
        return false;
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer[] destinations, int first, int count) {
        return false;
    }

    @Override
    public void write(long offset, boolean durable, ByteBuffer source) throws BlockIOException {
        int start = source.position();
        while (source.hasRemaining()) {
            long position = offset + source.position() - start;
            await("write", position, source, channel.write(source, position));
        }
        if (durable) {
            sync();
        }
    }

    @Override
    public void write(long offset, boolean durable, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        long position = offset;
        for (int i = first; i < first + count; i++) {
            int length = sources[i].remaining();
            write(position, false, sources[i]);
            position += length;
        }
        if (durable) {
            sync();
        }
    }

    @Override
    public boolean tryWrite(long offset, ByteBuffer source) {
        return false;
    }

    @Override
    public boolean tryWrite(long offset, ByteBuffer[] sources, int first, int count) {
        return false;
    }

    @Override
    public void sync() throws BlockIOException {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw failure("flush", e);
        }
    }

    @Override
    public int spaceAlignment() {
        return 1;
    }

    @Override
    public boolean punch(long offset, long length) {
        return false;
    }

    @Override
    public boolean zero(long offset, long length) {
        return false;
    }

    @Override
    public boolean discard(long offset, long length) {
        return false;
    }

    @Override
    public Extent status(long offset, long length) {
        return Extent.data(length);
    }

    @Override
    public boolean preallocate(long offset, long length) {
        return false;
    }

    @Override
    public void prefetch(long offset, long length) {
        // the JDK has no means
    }

    @Override
    public void truncate(long length) throws BlockIOException {
        try {
            if (channel.size() < length) {
                // the JDK's truncate only shortens; a byte at the new end lengthens
                buffered.write(length - 1, false, ByteBuffer.allocateDirect(1));
            } else {
                channel.truncate(length);
            }
        } catch (IOException e) {
            throw failure("resize to " + length + " bytes", e);
        }
    }

    @Override
    public OpenFile buffered() {
        return buffered;
    }

    @Override
    public OptionalInt descriptor() {
        return OptionalInt.empty();
    }

    @Override
    public boolean canLock() {
        return false;
    }

    @Override
    public void lockByte(long position) throws BlockIOException {
        throw noLocks();
    }

    @Override
    public void unlockByte(long position) throws BlockIOException {
        throw noLocks();
    }

    @Override
    public boolean isByteLockedByOthers(long position) throws BlockIOException {
        throw noLocks();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // closed all the same
        }
        if (buffered != this) {
            buffered.close();
        }
    }

    private BlockIOException noLocks() {
        return FileErrors.of("lock", name, Errno.EOPNOTSUPP, Errno.EOPNOTSUPP.text());
    }

    private int await(String operation, long position, ByteBuffer buffer, Future<Integer> result)
            throws BlockIOException {
        try {
            return result.get();
        } catch (InterruptedException e) {
            throw new IllegalStateException("the channel is done before it answers", e);
        } catch (ExecutionException e) {
            IOException cause =
                    e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
            BlockIOException failure =
                    FileErrors.at(
                            operation,
                            name,
                            position,
                            buffer.remaining(),
                            FileErrors.errno(cause),
                            FileErrors.text(cause));
            failure.initCause(e);
            throw failure;
        }
    }

    private BlockIOException failure(String operation, IOException e) {
        if (e instanceof BlockIOException known) {
            return known;
        }
        return FileErrors.of(operation, name, FileErrors.errno(e), FileErrors.text(e));
    }
}
