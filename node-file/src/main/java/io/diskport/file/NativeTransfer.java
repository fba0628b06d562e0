package io.diskport.file;

import static io.diskport.natives.NativeError.EAGAIN;
import static io.diskport.natives.NativeError.EINTR;
import static io.diskport.natives.NativeError.EINVAL;
import static io.diskport.natives.NativeError.ENOSYS;
import static io.diskport.natives.NativeError.EOPNOTSUPP;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.natives.FileSystemStatus;
import io.diskport.natives.IoVectors;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeMemory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/**
 * Reading and writing by preadv and pwritev, whole: short transfers go on, interrupted ones are
 * repeated. Allocates nothing.
 */
final class NativeTransfer {
    // libc's objects only: a thread may outlive this bundle
    private static final ThreadLocal<IoVectors> VECTORS =
            ThreadLocal.withInitial(() -> new IoVectors(IoVectors.MAX));

    // linux/magic.h
    private static final long TMPFS = 0x01021994L;
    private static final long RAMFS = 0x858458f6L;

    private final OpenDescriptor descriptor;
    private final String name;
    private final int alignment;

    /** On a file system that lives in memory nothing waits, though it may not know RWF_NOWAIT. */
    private final boolean inMemory;

    private volatile boolean noWaitReads;
    private volatile boolean noWaitWrites;
    private volatile boolean durableWrites = true;

    NativeTransfer(OpenDescriptor descriptor, String name, boolean direct, int alignment) {
        this.descriptor = descriptor;
        this.name = name;
        this.alignment = alignment;
        this.inMemory = !direct && isInMemory(descriptor);
        // past the page cache every request waits for the device
        this.noWaitReads = !direct;
        this.noWaitWrites = !direct;
    }

    private static boolean isInMemory(OpenDescriptor descriptor) {
        FileSystemStatus status = new FileSystemStatus();
        int result = descriptor.fstatfs(status);
        return result == 0 && (status.type() == TMPFS || status.type() == RAMFS);
    }

    void read(long offset, ByteBuffer destination) throws BlockIOException {
        int length = destination.remaining();
        long address = NativeMemory.address(destination);
        int done = 0;
        while (done < length) {
            long n = descriptor.pread(address + done, length - done, offset + done);
            if (n > 0) {
                done += (int) n;
            }
            if (n == 0 || n > 0 && endsInTheMiddle(n)) {
                NativeMemory.zero(address + done, length - done);
                done = length;
            } else if (n < 0 && n != -EINTR) {
                throw failure("read", offset + done, length - done, n);
            }
        }
        Reference.reachabilityFence(destination);
        destination.position(destination.limit());
    }

    void read(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        IoVectors vectors = VECTORS.get();
        long position = offset;
        for (int i = first; i < first + count; ) {
            int end = fill(vectors, destinations, i, first + count);
            while (vectors.remaining() > 0) {
                long n = descriptor.preadv(vectors, position);
                if (n > 0) {
                    vectors.advance(n);
                    position += n;
                }
                if (n == 0 || n > 0 && endsInTheMiddle(n)) {
                    position += vectors.remaining();
                    vectors.zeroRemaining();
                } else if (n < 0 && n != -EINTR) {
                    throw failure("read", position, vectors.remaining(), n);
                }
            }
            i = end;
        }
        Reference.reachabilityFence(destinations);
        finish(destinations, first, count);
    }

    /** Past the page cache, only the end of the file cuts a block in two. */
    private boolean endsInTheMiddle(long transferred) {
        return (transferred & (alignment - 1)) != 0;
    }

    void write(long offset, ByteBuffer source) throws BlockIOException {
        int length = source.remaining();
        long address = NativeMemory.address(source);
        int done = 0;
        while (done < length) {
            long n = descriptor.pwrite(address + done, length - done, offset + done);
            if (n > 0) {
                done += (int) n;
            } else if (n != -EINTR) {
                throw failure("write", offset + done, length - done, n);
            }
        }
        Reference.reachabilityFence(source);
        source.position(source.limit());
    }

    /** False if it was to be durable and the caller has to flush for that. */
    boolean write(long offset, boolean durable, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        IoVectors vectors = VECTORS.get();
        boolean durably = durable && durableWrites;
        long position = offset;
        for (int i = first; i < first + count; ) {
            int end = fill(vectors, sources, i, first + count);
            while (vectors.remaining() > 0) {
                long n =
                        durably
                                ? descriptor.pwritev2(vectors, position, LibcConstants.RWF_DSYNC)
                                : descriptor.pwritev(vectors, position);
                if (n > 0) {
                    vectors.advance(n);
                    position += n;
                } else if (durably && isUnsupported(n)) {
                    durableWrites = false;
                    durably = false;
                } else if (n != -EINTR) {
                    throw failure("write", position, vectors.remaining(), n);
                }
            }
            i = end;
        }
        Reference.reachabilityFence(sources);
        finish(sources, first, count);
        return !durable || durably;
    }

    boolean tryRead(long offset, ByteBuffer destination) throws BlockIOException {
        if (inMemory) {
            read(offset, destination);
            return true;
        }
        if (!noWaitReads) {
            return false;
        }
        IoVectors vectors = VECTORS.get().clear().add(destination);
        boolean all = tryRead(offset, vectors);
        Reference.reachabilityFence(destination);
        if (all) {
            destination.position(destination.limit());
        }
        return all;
    }

    boolean tryRead(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        if (inMemory) {
            read(offset, destinations, first, count);
            return true;
        }
        if (!noWaitReads || count > IoVectors.MAX) {
            return false;
        }
        IoVectors vectors = VECTORS.get();
        fill(vectors, destinations, first, first + count);
        boolean all = tryRead(offset, vectors);
        Reference.reachabilityFence(destinations);
        if (all) {
            finish(destinations, first, count);
        }
        return all;
    }

    private boolean tryRead(long offset, IoVectors vectors) throws BlockIOException {
        long n = descriptor.preadv2(vectors, offset, LibcConstants.RWF_NOWAIT);
        if (isUnsupported(n)) {
            noWaitReads = false;
        }
        return isWhole("read", n, offset, vectors);
    }

    boolean tryWrite(long offset, ByteBuffer source) throws BlockIOException {
        if (inMemory) {
            write(offset, source);
            return true;
        }
        if (!noWaitWrites) {
            return false;
        }
        IoVectors vectors = VECTORS.get().clear().add(source);
        boolean all = tryWrite(offset, vectors);
        Reference.reachabilityFence(source);
        if (all) {
            source.position(source.limit());
        }
        return all;
    }

    boolean tryWrite(long offset, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        if (inMemory) {
            write(offset, false, sources, first, count);
            return true;
        }
        if (!noWaitWrites || count > IoVectors.MAX) {
            return false;
        }
        IoVectors vectors = VECTORS.get();
        fill(vectors, sources, first, first + count);
        boolean all = tryWrite(offset, vectors);
        Reference.reachabilityFence(sources);
        if (all) {
            finish(sources, first, count);
        }
        return all;
    }

    private boolean tryWrite(long offset, IoVectors vectors) throws BlockIOException {
        long n = descriptor.pwritev2(vectors, offset, LibcConstants.RWF_NOWAIT);
        if (isUnsupported(n)) {
            noWaitWrites = false;
        }
        return isWhole("write", n, offset, vectors);
    }

    /** What came in part is left to the call that waits, which does all of it once more. */
    private boolean isWhole(String operation, long n, long offset, IoVectors vectors)
            throws BlockIOException {
        if (n < 0 && n != -EAGAIN && n != -EINTR && !isUnsupported(n)) {
            throw failure(operation, offset, vectors.remaining(), n);
        }
        return n == vectors.remaining();
    }

    /** Appends buffers from an index until the vectors are full; answers where it stopped. */
    private static int fill(IoVectors vectors, ByteBuffer[] buffers, int from, int end) {
        vectors.clear();
        int i = from;
        while (i < end && vectors.room() > 0) {
            vectors.add(buffers[i++]);
        }
        return i;
    }

    private static void finish(ByteBuffer[] buffers, int first, int count) {
        for (int i = first; i < first + count; i++) {
            buffers[i].position(buffers[i].limit());
        }
    }

    private static boolean isUnsupported(long n) {
        return n == -EOPNOTSUPP || n == -ENOSYS || n == -EINVAL;
    }

    private BlockIOException failure(String operation, long offset, long length, long n) {
        // a write of nothing is no progress, and no error that Linux has a number for
        int error = n == 0 ? NativeError.EIO : (int) -n;
        return FileErrors.at(
                operation, name, offset, length, Errno.of(error), NativeError.message(error));
    }
}
