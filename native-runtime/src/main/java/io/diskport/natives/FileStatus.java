package io.diskport.natives;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The attributes that {@link Libc#fstat} filled in; reusable, of one owner at a time.
 *
 * <p>Underneath is struct statx (linux/stat.h), which has one layout on every processor.
 */
public final class FileStatus {
    private static final int BLKSIZE = 4;
    private static final int NLINK = 16;
    private static final int UID = 20;
    private static final int GID = 24;
    private static final int MODE = 28;
    private static final int INO = 32;
    private static final int SIZE = 40;
    private static final int BLOCKS = 48;
    private static final int ATIME = 64;
    private static final int CTIME = 96;
    private static final int MTIME = 112;
    private static final int RDEV_MAJOR = 128;
    private static final int RDEV_MINOR = 132;
    private static final int DEV_MAJOR = 136;
    private static final int DEV_MINOR = 140;
    private static final int STRUCT_SIZE = 256;

    private final ByteBuffer data =
            ByteBuffer.allocateDirect(STRUCT_SIZE).order(ByteOrder.nativeOrder());
    private final long address = NativeMemory.address(data);

    long address() {
        return address;
    }

    /** Length in bytes; zero for a block device. */
    public long size() {
        return data.getLong(SIZE);
    }

    /** Allocated bytes divided by 512. */
    public long blocks() {
        return data.getLong(BLOCKS);
    }

    /** The block size that suits I/O best. */
    public int blockSize() {
        return data.getInt(BLKSIZE);
    }

    /** Type and permission bits, as in {@code S_IF…}. */
    public int mode() {
        return data.getShort(MODE) & 0xffff;
    }

    /** Only the type: one of {@code S_IF…}. */
    public int type() {
        return mode() & LibcConstants.S_IFMT;
    }

    public long inode() {
        return data.getLong(INO);
    }

    /** The device that the file is on: major number in the upper, minor in the lower half. */
    public long device() {
        return pair(DEV_MAJOR, DEV_MINOR);
    }

    /** The device that the file is, in the same form. */
    public long specialDevice() {
        return pair(RDEV_MAJOR, RDEV_MINOR);
    }

    public int links() {
        return data.getInt(NLINK);
    }

    public int uid() {
        return data.getInt(UID);
    }

    public int gid() {
        return data.getInt(GID);
    }

    public long accessSeconds() {
        return data.getLong(ATIME);
    }

    public int accessNanos() {
        return data.getInt(ATIME + 8);
    }

    public long modifySeconds() {
        return data.getLong(MTIME);
    }

    public int modifyNanos() {
        return data.getInt(MTIME + 8);
    }

    public long changeSeconds() {
        return data.getLong(CTIME);
    }

    public int changeNanos() {
        return data.getInt(CTIME + 8);
    }

    private long pair(int major, int minor) {
        return ((long) data.getInt(major) << 32) | (data.getInt(minor) & 0xffffffffL);
    }
}
