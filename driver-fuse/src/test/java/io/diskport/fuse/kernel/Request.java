package io.diskport.fuse.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A request laid out field by field as linux/fuse.h has it, with numbers of its own: a slip in
 * {@link Protocol} is not repeated here.
 */
final class Request {
    static final int FORGET = 2;
    static final int GETATTR = 3;
    static final int SETATTR = 4;
    static final int OPEN = 14;
    static final int READ = 15;
    static final int WRITE = 16;
    static final int STATFS = 17;
    static final int RELEASE = 18;
    static final int FSYNC = 20;
    static final int GETXATTR = 22;
    static final int FLUSH = 25;
    static final int INIT = 26;
    static final int INTERRUPT = 36;
    static final int NOTIFY_REPLY = 41;
    static final int BATCH_FORGET = 42;
    static final int FALLOCATE = 43;
    static final int LSEEK = 46;
    static final int COPY_FILE_RANGE = 47;

    private static final int HEADER = 40;
    private static final AtomicLong UNIQUES = new AtomicLong(0x1122_3344_0000_0002L);

    private ByteBuffer bytes = ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());
    private long unique = UNIQUES.getAndAdd(2);

    /** The header of a request to the only file. */
    Request(int opcode) {
        // len, opcode, unique, nodeid, uid, gid, pid, total_extlen and padding
        u32(0).u32(opcode).u64(unique).u64(1).u32(12).u32(34).u32(4711).u32(0);
    }

    Request u32(int value) {
        room(4).putInt(value);
        return this;
    }

    Request u64(long value) {
        room(8).putLong(value);
        return this;
    }

    Request raw(byte... data) {
        room(data.length).put(data);
        return this;
    }

    Request raw(int count) {
        return raw(new byte[count]);
    }

    private ByteBuffer room(int count) {
        if (bytes.remaining() < count) {
            int length = Math.max(2 * bytes.capacity(), bytes.position() + count);
            ByteBuffer larger = ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
            bytes = larger.put(bytes.flip());
        }
        return bytes;
    }

    Request node(long node) {
        bytes.putLong(16, node);
        return this;
    }

    Request process(int process) {
        bytes.putInt(32, process);
        return this;
    }

    Request unique(long value) {
        unique = value;
        bytes.putLong(8, value);
        return this;
    }

    long unique() {
        return unique;
    }

    /** All of it, with its length in the header. */
    byte[] bytes() {
        return bytes(bytes.position());
    }

    /** Cut or extended to a length, which the header has as well. */
    byte[] bytes(int length) {
        byte[] all = Arrays.copyOf(Arrays.copyOf(bytes.array(), bytes.position()), length);
        if (length >= HEADER) {
            ByteBuffer.wrap(all).order(ByteOrder.nativeOrder()).putInt(0, length);
        }
        return all;
    }

    int length() {
        return bytes.position();
    }

    /** struct fuse_getattr_in: getattr_flags, dummy, fh. */
    static Request getattr() {
        return new Request(GETATTR).u32(0).u32(0).u64(0);
    }

    /** struct fuse_setattr_in with nothing but the bits; see {@link #at}. */
    static Request setattr(int valid) {
        return new Request(SETATTR).u32(valid).raw(84);
    }

    /** Sets a 32-bit field, counted from the end of the header. */
    Request at(int offset, int value) {
        bytes.putInt(HEADER + offset, value);
        return this;
    }

    /** Sets a 64-bit field, counted from the end of the header. */
    Request at(int offset, long value) {
        bytes.putLong(HEADER + offset, value);
        return this;
    }

    /** struct fuse_open_in: flags, open_flags. */
    static Request open(int flags, int openFlags) {
        return new Request(OPEN).u32(flags).u32(openFlags);
    }

    /** struct fuse_read_in: fh, offset, size, read_flags, lock_owner, flags, padding. */
    static Request read(long handle, long offset, int size) {
        return new Request(READ).u64(handle).u64(offset).u32(size).u32(0).u64(0).u32(0).u32(0);
    }

    /** struct fuse_write_in: fh, offset, size, write_flags, lock_owner, flags, padding. */
    static Request write(long handle, long offset, byte... data) {
        return write(handle, offset, data.length, 0, 0).raw(data);
    }

    /** The same without data, and with a size that is told. */
    static Request write(long handle, long offset, int size, int writeFlags, int flags) {
        return new Request(WRITE)
                .u64(handle)
                .u64(offset)
                .u32(size)
                .u32(writeFlags)
                .u64(0)
                .u32(flags)
                .u32(0);
    }

    static Request statfs() {
        return new Request(STATFS);
    }

    /** struct fuse_release_in: fh, flags, release_flags, lock_owner. */
    static Request release(long handle) {
        return new Request(RELEASE).u64(handle).u32(0).u32(0).u64(0);
    }

    /** struct fuse_fsync_in: fh, fsync_flags, padding. */
    static Request fsync(long handle) {
        return new Request(FSYNC).u64(handle).u32(0).u32(0);
    }

    /** struct fuse_flush_in: fh, unused, padding, lock_owner. */
    static Request flush(long handle) {
        return new Request(FLUSH).u64(handle).u32(0).u32(0).u64(0);
    }

    /** struct fuse_fallocate_in: fh, offset, length, mode, padding. */
    static Request fallocate(long handle, int mode, long offset, long length) {
        return new Request(FALLOCATE).u64(handle).u64(offset).u64(length).u32(mode).u32(0);
    }

    /** struct fuse_lseek_in: fh, offset, whence, padding. */
    static Request lseek(long handle, long offset, int whence) {
        return new Request(LSEEK).u64(handle).u64(offset).u32(whence).u32(0);
    }

    /** struct fuse_copy_file_range_in: fh_in, off_in, nodeid_out, fh_out, off_out, len, flags. */
    static Request copy(long from, long to, long length) {
        return new Request(COPY_FILE_RANGE)
                .u64(0)
                .u64(from)
                .u64(1)
                .u64(0)
                .u64(to)
                .u64(length)
                .u64(0);
    }

    /** struct fuse_init_in, as long as kernels before INIT_EXT have it. */
    static Request init(int major, int minor, int flags) {
        return new Request(INIT).u32(major).u32(minor).u32(128 << 10).u32(flags);
    }

    /** struct fuse_init_in with flags2. */
    static Request init(int minor, long flags) {
        return init(7, minor, (int) flags).u32((int) (flags >>> 32)).raw(44);
    }
}
