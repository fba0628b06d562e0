package io.diskport.fuse.engine;

import io.diskport.fuse.file.FileAttributes;
import io.diskport.fuse.file.FuseFile;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeMemory;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Struct;
import ru.serce.jnrfuse.FuseStubFS;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.FuseFileInfo;
import ru.serce.jnrfuse.struct.Statvfs;
import ru.serce.jnrfuse.struct.Timespec;

/**
 * jnr-fuse's operations on a file system whose root is the exported file: turns libfuse's
 * structures into calls of {@link FuseFile}.
 *
 * <p>Paths are not looked at: there is only one file.
 */
public final class LibfuseOperations extends FuseStubFS {
    // struct fuse_operations (fuse.h, version 26): three flags of one bit each before ioctl
    private static final long OPERATION_FLAGS = 38 * Long.BYTES;
    private static final int FLAG_NULLPATH_OK = 1;
    private static final int FLAG_NOPATH = 1 << 1;
    private static final int FLAG_UTIME_OMIT_OK = 1 << 2;

    // struct fuse_file_info (fuse_common.h): flags of one bit each
    private static final long FILE_INFO_BITS = 20;
    private static final int DIRECT_IO = 1;
    private static final int KEEP_CACHE = 1 << 1;

    private final FuseFile file;
    private final CountDownLatch initialized = new CountDownLatch(1);

    LibfuseOperations(FuseFile file) {
        this.file = file;
    }

    /** struct fuse_operations; libfuse makes a copy of its own from it. */
    Pointer structure() {
        int size = Struct.size(fuseOperations);
        Pointer structure = Memory.allocateDirect(jnr.ffi.Runtime.getSystemRuntime(), size, true);
        byte[] bytes = new byte[size];
        Struct.getMemory(fuseOperations).get(0, bytes, 0, size);
        structure.put(0, bytes, 0, size);
        structure.putInt(OPERATION_FLAGS, FLAG_NULLPATH_OK | FLAG_NOPATH | FLAG_UTIME_OMIT_OK);
        return structure;
    }

    boolean awaitInitialized(long millis) throws InterruptedException {
        return initialized.await(millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public Pointer init(Pointer connection) {
        initialized.countDown();
        return null;
    }

    @Override
    public int getattr(String path, FileStat stat) {
        FileAttributes attributes = new FileAttributes();
        int result = file.attributes(attributes);
        if (result < 0) {
            return result;
        }
        stat.st_mode.set(attributes.mode);
        stat.st_nlink.set(1);
        stat.st_uid.set(attributes.uid);
        stat.st_gid.set(attributes.gid);
        stat.st_size.set(attributes.size);
        stat.st_blocks.set(attributes.blocks);
        stat.st_blksize.set(attributes.blockSize);
        stat.st_atim.tv_sec.set(attributes.accessSeconds);
        stat.st_atim.tv_nsec.set(attributes.accessNanos);
        stat.st_mtim.tv_sec.set(attributes.modifySeconds);
        stat.st_mtim.tv_nsec.set(attributes.modifyNanos);
        stat.st_ctim.tv_sec.set(attributes.changeSeconds);
        stat.st_ctim.tv_nsec.set(attributes.changeNanos);
        return 0;
    }

    @Override
    public int fgetattr(String path, FileStat stat, FuseFileInfo info) {
        return getattr(path, stat);
    }

    /** A file system of this one file, with no room beside it. */
    @Override
    public int statfs(String path, Statvfs stat) {
        FileAttributes attributes = new FileAttributes();
        int result = file.attributes(attributes);
        if (result < 0) {
            return result;
        }
        long unit = attributes.blockSize;
        stat.f_bsize.set(unit);
        stat.f_frsize.set(unit);
        stat.f_blocks.set(attributes.size / unit + (attributes.size % unit == 0 ? 0 : 1));
        stat.f_files.set(1);
        stat.f_namemax.set(255);
        return 0;
    }

    @Override
    public int open(String path, FuseFileInfo info) {
        int flags = info.flags.intValue();
        long handle = file.open(flags, getContext().pid.longValue());
        if (handle < 0) {
            return (int) handle;
        }
        info.fh.set(handle);
        Pointer memory = Struct.getMemory(info);
        int bits = memory.getInt(FILE_INFO_BITS);
        bits |= (flags & LibcConstants.O_DIRECT) != 0 ? DIRECT_IO : 0;
        bits |= file.keepsCache() ? KEEP_CACHE : 0;
        memory.putInt(FILE_INFO_BITS, bits);
        return 0;
    }

    @Override
    public int release(String path, FuseFileInfo info) {
        return file.release(handle(info));
    }

    @Override
    public int read(String path, Pointer buffer, long size, long offset, FuseFileInfo info) {
        return file.read(handle(info), offset, view(buffer, size));
    }

    @Override
    public int write(String path, Pointer buffer, long size, long offset, FuseFileInfo info) {
        int result = file.write(handle(info), offset, view(buffer, size));
        if ((info.flags.intValue() & LibcConstants.O_DIRECT) != 0) {
            file.wrotePastCache();
        }
        return result;
    }

    @Override
    public int truncate(String path, long size) {
        return file.truncate(FuseFile.NO_HANDLE, size);
    }

    @Override
    public int ftruncate(String path, long size, FuseFileInfo info) {
        return file.truncate(handle(info), size);
    }

    @Override
    public int fallocate(String path, int mode, long offset, long length, FuseFileInfo info) {
        return file.allocate(handle(info), mode, offset, length);
    }

    @Override
    public int flush(String path, FuseFileInfo info) {
        return file.flush(handle(info));
    }

    @Override
    public int fsync(String path, int dataOnly, FuseFileInfo info) {
        return file.flush(handle(info));
    }

    @Override
    public int chmod(String path, long mode) {
        return file.chmod((int) mode);
    }

    @Override
    public int chown(String path, long uid, long gid) {
        return file.chown((int) uid, (int) gid);
    }

    @Override
    public int utimens(String path, Timespec[] times) {
        return file.utimens(
                times[0].tv_sec.get(),
                times[0].tv_nsec.longValue(),
                times[1].tv_sec.get(),
                times[1].tv_nsec.longValue());
    }

    /** There are none; the kernel asks only once. */
    @Override
    public int getxattr(String path, String name, Pointer value, long size) {
        return -NativeError.ENOSYS;
    }

    private static long handle(FuseFileInfo info) {
        return info.fh.longValue();
    }

    private static ByteBuffer view(Pointer buffer, long size) {
        return NativeMemory.view(buffer.address(), (int) size);
    }
}
