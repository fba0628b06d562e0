package io.diskport.file;

import static io.diskport.natives.NativeError.EAGAIN;
import static io.diskport.natives.NativeError.EINTR;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.AsyncRequest;
import io.diskport.api.node.Extent;
import io.diskport.natives.FileLocks;
import io.diskport.natives.FileStatus;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.NativeError;
import java.nio.ByteBuffer;
import java.util.OptionalInt;

/**
 * An open file by native calls: sizes and locks. {@link NativeTransfer} reads and writes, {@link
 * NativeSpace} knows what is allocated.
 */
final class NativeFile implements OpenFile {
    private static final long TRIAL_BYTE = 1000;

    // libc's and the JDK's objects only: a thread may outlive this bundle
    private static final ThreadLocal<FileStatus> STATUS = ThreadLocal.withInitial(FileStatus::new);

    private final String name;
    private final boolean device;
    private final boolean writable;
    private final boolean direct;
    private final Alignment alignment;
    private final NativeTransfer transfer;
    private final NativeSpace space;
    private final OpenDescriptor descriptor;
    private NativeFile buffered;
    private volatile AioQueue aio;
    private volatile boolean looksForAio;

    NativeFile(
            int fd,
            String name,
            boolean device,
            boolean writable,
            boolean direct,
            Alignment alignment) {
        this.name = name;
        this.device = device;
        this.writable = writable;
        this.direct = direct;
        this.alignment = alignment;
        this.descriptor = new OpenDescriptor(fd);
        this.transfer = new NativeTransfer(descriptor, name, direct, alignment.request());
        this.space = new NativeSpace(descriptor, name, device);
        this.looksForAio = direct;
    }

    @Override
    public long size() throws BlockIOException {
        if (device) {
            return checked("find the length of", descriptor.lseek(0, LibcConstants.SEEK_END));
        }
        return status().size();
    }

    @Override
    public long allocated() throws BlockIOException {
        return device ? size() : status().blocks() * 512;
    }

    private FileStatus status() throws BlockIOException {
        FileStatus status = STATUS.get();
        checked("find the length of", descriptor.fstat(status));
        return status;
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
    public void write(long offset, boolean durable, ByteBuffer source) throws BlockIOException {
        if (durable) {
            write(offset, true, new ByteBuffer[] {source}, 0, 1);
        } else {
            transfer.write(offset, source);
        }
    }

    @Override
    public void write(long offset, boolean durable, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        if (!transfer.write(offset, durable, sources, first, count)) {
            sync();
        }
    }

    @Override
    public boolean tryWrite(long offset, ByteBuffer source) throws BlockIOException {
        return transfer.tryWrite(offset, source);
    }

    @Override
    public boolean tryWrite(long offset, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        return transfer.tryWrite(offset, sources, first, count);
    }

    /** Past the page cache only: with it, io_submit waits like any other call. */
    @Override
    public boolean begin(AsyncRequest request) {
        AioQueue queue = direct ? aio() : null;
        return queue != null && queue.begin(request);
    }

    private AioQueue aio() {
        AioQueue queue = aio;
        if (queue == null && looksForAio) {
            queue = openAio();
        }
        return queue;
    }

    private synchronized AioQueue openAio() {
        if (looksForAio) {
            aio = AioQueue.open(descriptor, name);
            looksForAio = false;
        }
        return aio;
    }

    @Override
    public void sync() throws BlockIOException {
        int result;
        do {
            result = descriptor.fdatasync();
        } while (result == -EINTR);
        checked("flush", result);
    }

    @Override
    public int spaceAlignment() {
        return space.alignment();
    }

    @Override
    public boolean punch(long offset, long length) throws BlockIOException {
        return space.punch(offset, length);
    }

    @Override
    public boolean zero(long offset, long length) throws BlockIOException {
        return space.zero(offset, length);
    }

    @Override
    public boolean discard(long offset, long length) throws BlockIOException {
        return space.discard(offset, length);
    }

    @Override
    public Extent status(long offset, long length) {
        return space.status(offset, length);
    }

    @Override
    public boolean preallocate(long offset, long length) throws BlockIOException {
        return space.preallocate(offset, length);
    }

    @Override
    public void prefetch(long offset, long length) {
        if (!direct) {
            descriptor.fadvise(offset, length, LibcConstants.POSIX_FADV_WILLNEED);
        }
    }

    @Override
    public void truncate(long length) throws BlockIOException {
        int result;
        do {
            result = descriptor.ftruncate(length);
        } while (result == -EINTR);
        checked("resize to " + length + " bytes", result);
    }

    @Override
    public synchronized OpenFile buffered() throws BlockIOException {
        if (!direct) {
            return this;
        }
        if (buffered == null) {
            int flags = NativeFileOpener.flags(writable, false);
            int second = descriptor.reopen(flags);
            checked("open once more, for its last block,", second);
            buffered = new NativeFile(second, name, device, writable, false, Alignment.NONE);
        }
        return buffered;
    }

    /** Another descriptor of the same file, or an error as a negative number. */
    int again(int flags) {
        return descriptor.reopen(flags);
    }

    @Override
    public OptionalInt descriptor() {
        return OptionalInt.of(descriptor.number());
    }

    @Override
    public boolean canLock() {
        // Some file systems answer a question and then refuse the lock, so try one: far behind the
        // bytes that mean something, where a shared lock for a moment does nobody any harm.
        int result = descriptor.setLock(FileLocks.F_RDLCK, TRIAL_BYTE);
        descriptor.setLock(FileLocks.F_UNLCK, TRIAL_BYTE);
        return result == 0 || result == -EAGAIN;
    }

    @Override
    public void lockByte(long position) throws BlockIOException {
        checked("lock", descriptor.setLock(FileLocks.F_RDLCK, position));
    }

    @Override
    public void unlockByte(long position) throws BlockIOException {
        checked("unlock", descriptor.setLock(FileLocks.F_UNLCK, position));
    }

    @Override
    public boolean isByteLockedByOthers(long position) throws BlockIOException {
        int result = descriptor.probeLock(FileLocks.F_WRLCK, position);
        checked("look at the locks of", result);
        return result > 0;
    }

    @Override
    public synchronized void close() {
        looksForAio = false;
        if (aio != null) {
            aio.close();
        }
        descriptor.close();
        if (buffered != null) {
            buffered.close();
        }
    }

    private long checked(String operation, long result) throws BlockIOException {
        if (result < 0) {
            int error = (int) -result;
            throw FileErrors.of(operation, name, Errno.of(error), NativeError.message(error));
        }
        return result;
    }
}
