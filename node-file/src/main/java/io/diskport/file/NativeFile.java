package io.diskport.file;

import static io.diskport.natives.LibcConstants.FALLOC_FL_KEEP_SIZE;
import static io.diskport.natives.LibcConstants.FALLOC_FL_PUNCH_HOLE;
import static io.diskport.natives.LibcConstants.FALLOC_FL_ZERO_RANGE;
import static io.diskport.natives.NativeError.EINTR;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.Extent;
import io.diskport.natives.FileLocks;
import io.diskport.natives.FileStatus;
import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.NativeError;
import java.nio.ByteBuffer;
import java.util.OptionalInt;

/** An open file by native calls: sizes, holes, locks. {@link NativeTransfer} reads and writes. */
final class NativeFile implements OpenFile {
    private static final int CLOSED = -1;

    // libc's and the JDK's objects only: a thread may outlive this bundle
    private static final ThreadLocal<FileStatus> STATUS = ThreadLocal.withInitial(FileStatus::new);

    private final String name;
    private final boolean device;
    private final boolean writable;
    private final boolean direct;
    private final Alignment alignment;
    private final NativeTransfer transfer;
    private volatile int fd;
    private NativeFile buffered;
    private volatile boolean punchWorks = true;
    private volatile boolean zeroRangeWorks = true;

    NativeFile(
            int fd,
            String name,
            boolean device,
            boolean writable,
            boolean direct,
            Alignment alignment) {
        this.fd = fd;
        this.name = name;
        this.device = device;
        this.writable = writable;
        this.direct = direct;
        this.alignment = alignment;
        this.transfer = new NativeTransfer(name, direct, alignment.request());
    }

    @Override
    public long size() throws BlockIOException {
        if (device) {
            return checked("find the length of", Libc.lseek(fd, 0, LibcConstants.SEEK_END));
        }
        return status().size();
    }

    @Override
    public long allocated() throws BlockIOException {
        return device ? size() : status().blocks() * 512;
    }

    private FileStatus status() throws BlockIOException {
        FileStatus status = STATUS.get();
        checked("find the length of", Libc.fstat(fd, status));
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
        transfer.read(fd, offset, destination);
    }

    @Override
    public void read(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        transfer.read(fd, offset, destinations, first, count);
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer destination) throws BlockIOException {
        return transfer.tryRead(fd, offset, destination);
    }

    @Override
    public boolean tryRead(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        return transfer.tryRead(fd, offset, destinations, first, count);
    }

    @Override
    public void write(long offset, boolean durable, ByteBuffer source) throws BlockIOException {
        if (durable) {
            write(offset, true, new ByteBuffer[] {source}, 0, 1);
        } else {
            transfer.write(fd, offset, source);
        }
    }

    @Override
    public void write(long offset, boolean durable, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        if (!transfer.write(fd, offset, durable, sources, first, count)) {
            sync();
        }
    }

    @Override
    public boolean tryWrite(long offset, ByteBuffer source) throws BlockIOException {
        return transfer.tryWrite(fd, offset, source);
    }

    @Override
    public boolean tryWrite(long offset, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        return transfer.tryWrite(fd, offset, sources, first, count);
    }

    @Override
    public void sync() throws BlockIOException {
        int result;
        do {
            result = Libc.fdatasync(fd);
        } while (result == -EINTR);
        checked("flush", result);
    }

    @Override
    public boolean punch(long offset, long length) throws BlockIOException {
        if (!punchWorks) {
            return false;
        }
        int result = fallocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
        if (isUnsupported(result)) {
            punchWorks = false;
            return false;
        }
        return done("free", offset, length, result);
    }

    @Override
    public boolean zero(long offset, long length) throws BlockIOException {
        if (zeroRangeWorks) {
            int result = fallocate(FALLOC_FL_ZERO_RANGE, offset, length);
            if (!isUnsupported(result)) {
                return done("zero", offset, length, result);
            }
            zeroRangeWorks = false;
        }
        // A file system without the one call may have the two that come to the same; on a device
        // there is nothing to allocate with.
        return !device && punch(offset, length) && preallocate(offset, length);
    }

    @Override
    public boolean discard(long offset, long length) throws BlockIOException {
        if (!device) {
            return punch(offset, length);
        }
        int result = NativeDevice.discard(fd, offset, length);
        return !isUnsupported(result) && done("discard", offset, length, result);
    }

    /**
     * SEEK_DATA and SEEK_HOLE, which are two looks at a file that others may change in between: an
     * answer that does not fit is taken for data, which is never wrong.
     */
    @Override
    public Extent status(long offset, long length) {
        long data = Libc.lseek(fd, offset, LibcConstants.SEEK_DATA);
        if (data == -NativeError.ENXIO) {
            return Extent.hole(length);
        }
        if (data > offset) {
            return Extent.hole(Math.min(data - offset, length));
        }
        if (data != offset) {
            return Extent.data(length);
        }
        long hole = Libc.lseek(fd, offset, LibcConstants.SEEK_HOLE);
        return Extent.data(hole > offset ? Math.min(hole - offset, length) : length);
    }

    @Override
    public boolean preallocate(long offset, long length) throws BlockIOException {
        int result = fallocate(0, offset, length);
        return !isUnsupported(result) && done("allocate", offset, length, result);
    }

    @Override
    public void prefetch(long offset, long length) {
        if (!direct) {
            Libc.fadvise(fd, offset, length, LibcConstants.POSIX_FADV_WILLNEED);
        }
    }

    @Override
    public void truncate(long length) throws BlockIOException {
        int result;
        do {
            result = Libc.ftruncate(fd, length);
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
            int second = Libc.open(NativeFileOpener.byDescriptor(fd), flags, 0);
            checked("open once more, for its last block,", second);
            buffered = new NativeFile(second, name, device, writable, false, Alignment.NONE);
        }
        return buffered;
    }

    @Override
    public OptionalInt descriptor() {
        return OptionalInt.of(fd);
    }

    @Override
    public boolean canLock() {
        return FileLocks.probe(fd, FileLocks.F_RDLCK, 100, 1) >= 0;
    }

    @Override
    public void lockByte(long position) throws BlockIOException {
        checked("lock", FileLocks.set(fd, FileLocks.F_RDLCK, position, 1));
    }

    @Override
    public void unlockByte(long position) throws BlockIOException {
        checked("unlock", FileLocks.set(fd, FileLocks.F_UNLCK, position, 1));
    }

    @Override
    public boolean isByteLockedByOthers(long position) throws BlockIOException {
        int result = FileLocks.probe(fd, FileLocks.F_WRLCK, position, 1);
        checked("look at the locks of", result);
        return result > 0;
    }

    @Override
    public synchronized void close() {
        int number = fd;
        fd = CLOSED;
        if (number != CLOSED) {
            Libc.close(number);
        }
        if (buffered != null) {
            buffered.close();
        }
    }

    private int fallocate(int mode, long offset, long length) {
        int result;
        do {
            result = Libc.fallocate(fd, mode, offset, length);
        } while (result == -EINTR);
        return result;
    }

    private static boolean isUnsupported(int result) {
        return result == -NativeError.EOPNOTSUPP
                || result == -NativeError.ENOSYS
                || result == -NativeError.ENOTTY
                || result == -NativeError.ENODEV;
    }

    private boolean done(String operation, long offset, long length, int result)
            throws BlockIOException {
        if (result < 0) {
            throw FileErrors.at(
                    operation,
                    name,
                    offset,
                    length,
                    Errno.of(-result),
                    NativeError.message(result));
        }
        return true;
    }

    private long checked(String operation, long result) throws BlockIOException {
        if (result < 0) {
            int error = (int) -result;
            throw FileErrors.of(operation, name, Errno.of(error), NativeError.message(error));
        }
        return result;
    }
}
