package io.diskport.fuse.kernel;

import io.diskport.fuse.file.FileAttributes;
import io.diskport.fuse.file.FuseFile;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.NativeError;
import java.nio.ByteBuffer;

/**
 * The operations of the protocol: takes a request's fields apart, asks the {@link FuseFile}, and
 * puts the reply together. One thread.
 *
 * <p>Whatever a request looks like, it gets a reply, an error if need be; nothing is read beyond
 * its end. INTERRUPT is answered with ENOSYS: nothing is interrupted.
 */
final class Operations {
    private static final long COPY_AT_ONCE = 64L << 20;
    private static final int NANOS = 1_000_000_000;
    private static final long NO_TIME = -1;

    private final RequestBuffer request;
    private final FuseFile file;
    private final MayWait mayWait;
    private final int backing;
    private final FileAttributes attributes = new FileAttributes();

    /**
     * Operations on a worker's buffer.
     *
     * @param backing the kernel's number of the file that it reads and writes by itself; 0 for none
     */
    Operations(RequestBuffer request, FuseFile file, MayWait mayWait, int backing) {
        this.request = request;
        this.file = file;
        this.mayWait = mayWait;
        this.backing = backing;
    }

    /** Serves the request in the buffer; its reply is there afterwards. */
    void serve() {
        int opcode = request.opcode();
        switch (opcode) {
            // These have no reply.
            case Protocol.FORGET, Protocol.BATCH_FORGET, Protocol.NOTIFY_REPLY -> request.noReply();
            case Protocol.STATFS -> statfs();
            case Protocol.INTERRUPT -> request.reply(-NativeError.ENOSYS);
            default -> {
                if (request.node() != Protocol.ROOT_ID) {
                    request.reply(-NativeError.ENOENT);
                } else if (!request.has(fieldsOf(opcode))) {
                    request.reply(-NativeError.EINVAL);
                } else {
                    serve(opcode);
                }
            }
        }
    }

    /** How long the fields of an operation are. */
    private static int fieldsOf(int opcode) {
        return switch (opcode) {
            case Protocol.READ -> Protocol.READ_IN;
            case Protocol.WRITE -> Protocol.WRITE_IN;
            case Protocol.OPEN -> Protocol.OPEN_IN;
            case Protocol.SETATTR -> Protocol.SETATTR_IN;
            case Protocol.RELEASE -> Protocol.RELEASE_IN;
            case Protocol.FSYNC -> Protocol.FSYNC_IN;
            case Protocol.FLUSH -> Protocol.FLUSH_IN;
            case Protocol.FALLOCATE -> Protocol.FALLOCATE_IN;
            case Protocol.LSEEK -> Protocol.LSEEK_IN;
            case Protocol.COPY_FILE_RANGE -> Protocol.COPY_FILE_RANGE_IN;
            default -> 0;
        };
    }

    private void serve(int opcode) {
        switch (opcode) {
            case Protocol.READ -> read();
            case Protocol.WRITE -> write();
            case Protocol.GETATTR -> getattr();
            case Protocol.SETATTR -> setattr();
            case Protocol.OPEN -> open();
            case Protocol.RELEASE -> request.reply(file.release(request.getLong(0)));
            case Protocol.FSYNC, Protocol.FLUSH -> flush();
            case Protocol.FALLOCATE -> allocate();
            case Protocol.LSEEK -> seek();
            case Protocol.COPY_FILE_RANGE -> copy();
            default -> request.reply(-NativeError.ENOSYS);
        }
    }

    private void read() {
        long handle = request.getLong(0);
        long offset = request.getLong(8);
        int size = request.getInt(16);
        if (size < 0 || size > request.capacity()) {
            request.reply(-NativeError.EINVAL);
            return;
        }
        int result = file.tryRead(handle, offset, request.data(size));
        if (result == FuseFile.WOULD_WAIT) {
            mayWait.begin(MayWait.Kind.READ);
            try {
                result = file.read(handle, offset, request.data(size));
            } finally {
                mayWait.end(size);
            }
        }
        if (result < 0) {
            request.reply(result);
        } else {
            request.replyData(result);
        }
    }

    private void write() {
        long handle = request.getLong(0);
        long offset = request.getLong(8);
        int size = request.getInt(16);
        int writeFlags = request.getInt(20);
        int openFlags = request.getInt(32);
        if (size < 0 || size > request.bodyLength() - Protocol.WRITE_IN) {
            request.reply(-NativeError.EINVAL);
            return;
        }
        ByteBuffer data = request.data(size);
        boolean direct = (openFlags & LibcConstants.O_DIRECT) != 0;
        // The pieces of a large direct write may come in any order; the kernel places them.
        boolean append =
                (openFlags & LibcConstants.O_APPEND) != 0
                        && !direct
                        && (writeFlags & Protocol.WRITE_CACHE) == 0;
        int result = append ? FuseFile.WOULD_WAIT : file.tryWrite(handle, offset, data);
        if (result == FuseFile.WOULD_WAIT) {
            mayWait.begin(MayWait.Kind.WRITE);
            try {
                data = request.data(size);
                result =
                        append
                                ? file.append(handle, offset, data)
                                : file.write(handle, offset, data);
            } finally {
                mayWait.end(size);
            }
        }
        if (direct) {
            file.wrotePastCache();
        }
        if (result > 0 && (writeFlags & Protocol.WRITE_KILL_SUIDGID) != 0) {
            file.killPrivileges();
        }
        replyCount(result);
    }

    private void open() {
        int flags = request.getInt(0);
        boolean kill = (request.getInt(4) & Protocol.OPEN_KILL_SUIDGID) != 0;
        boolean truncate = (flags & LibcConstants.O_TRUNC) != 0;
        long handle;
        if (truncate) {
            mayWait.begin(MayWait.Kind.OTHER);
        }
        try {
            handle = file.open(flags, Integer.toUnsignedLong(request.process()));
        } finally {
            if (truncate) {
                mayWait.end(0);
            }
        }
        if (handle < 0) {
            request.reply((int) handle);
            return;
        }
        if (kill) {
            file.killPrivileges();
        }
        request.replyBody(Protocol.OPEN_OUT);
        request.put(0, handle);
        request.put(8, openFlags(flags));
        request.put(12, backing);
    }

    private int openFlags(int flags) {
        // Who cannot write has nothing to flush when it closes.
        int reply =
                (flags & LibcConstants.O_ACCMODE) == LibcConstants.O_RDONLY
                        ? Protocol.FOPEN_NOFLUSH
                        : 0;
        if (backing != 0) {
            return reply | Protocol.FOPEN_PASSTHROUGH;
        }
        reply |= file.keepsCache() ? Protocol.FOPEN_KEEP_CACHE : 0;
        return (flags & LibcConstants.O_DIRECT) == 0
                ? reply
                : reply | Protocol.FOPEN_DIRECT_IO | Protocol.FOPEN_PARALLEL_DIRECT_WRITES;
    }

    private void flush() {
        long handle = request.getLong(0);
        mayWait.begin(MayWait.Kind.OTHER);
        try {
            request.reply(file.flush(handle));
        } finally {
            mayWait.end(0);
        }
    }

    private void allocate() {
        long handle = request.getLong(0);
        long offset = request.getLong(8);
        long length = request.getLong(16);
        int mode = request.getInt(24);
        mayWait.begin(MayWait.Kind.OTHER);
        try {
            request.reply(file.allocate(handle, mode, offset, length));
        } finally {
            mayWait.end(0);
        }
    }

    private void seek() {
        long handle = request.getLong(0);
        long offset = request.getLong(8);
        int whence = request.getInt(16);
        long result;
        mayWait.begin(MayWait.Kind.OTHER);
        try {
            result = file.seek(handle, offset, whence);
        } finally {
            mayWait.end(0);
        }
        if (result < 0) {
            request.reply((int) result);
            return;
        }
        request.replyBody(Protocol.LSEEK_OUT);
        request.put(0, result);
    }

    /** Copies as much as takes no long time, and answers how much; who wants more asks again. */
    private void copy() {
        long source = request.getLong(0);
        long from = request.getLong(8);
        long node = request.getLong(16);
        long destination = request.getLong(24);
        long to = request.getLong(32);
        long wanted = request.getLong(40);
        if (node != Protocol.ROOT_ID || from < 0 || to < 0 || wanted < 0) {
            request.reply(-NativeError.EINVAL);
            return;
        }
        int result = 0;
        long copied = 0;
        mayWait.begin(MayWait.Kind.OTHER);
        try {
            long end = Math.min(wanted, COPY_AT_ONCE);
            do {
                int piece = (int) Math.min(request.capacity(), end - copied);
                ByteBuffer data = request.data(piece);
                result = file.read(source, from + copied, data);
                if (result > 0) {
                    data = request.data(result);
                    result = file.write(destination, to + copied, data);
                }
                copied += Math.max(0, result);
            } while (result > 0 && copied < end);
        } finally {
            mayWait.end(copied);
        }
        replyCount(copied > 0 ? (int) copied : result);
    }

    private void replyCount(int result) {
        if (result < 0) {
            request.reply(result);
            return;
        }
        request.replyBody(Protocol.WRITE_OUT);
        request.put(0, result);
    }

    private void setattr() {
        int valid = request.getInt(0);
        int result = 0;
        if ((valid & Protocol.FATTR_MODE) != 0) {
            result = file.chmod(request.getInt(68));
        }
        if (result == 0 && (valid & (Protocol.FATTR_UID | Protocol.FATTR_GID)) != 0) {
            int uid = (valid & Protocol.FATTR_UID) == 0 ? -1 : request.getInt(76);
            int gid = (valid & Protocol.FATTR_GID) == 0 ? -1 : request.getInt(80);
            result = file.chown(uid, gid);
        }
        if (result == 0 && (valid & Protocol.FATTR_SIZE) != 0) {
            boolean hasHandle = (valid & Protocol.FATTR_FH) != 0;
            result =
                    truncate(
                            hasHandle ? request.getLong(8) : FuseFile.NO_HANDLE,
                            request.getLong(16));
        }
        if (result == 0 && (valid & (Protocol.FATTR_ATIME | Protocol.FATTR_MTIME)) != 0) {
            result = utimens(valid);
        }
        if (result == 0 && (valid & Protocol.FATTR_KILL_SUIDGID) != 0) {
            file.killPrivileges();
        }
        if (result < 0) {
            request.reply(result);
        } else {
            replyAttributes();
        }
    }

    private int truncate(long handle, long length) {
        mayWait.begin(MayWait.Kind.OTHER);
        try {
            return file.truncate(handle, length);
        } finally {
            mayWait.end(0);
        }
    }

    private int utimens(int valid) {
        return file.utimens(
                request.getLong(32),
                time(valid, Protocol.FATTR_ATIME, Protocol.FATTR_ATIME_NOW, 56),
                request.getLong(40),
                time(valid, Protocol.FATTR_MTIME, Protocol.FATTR_MTIME_NOW, 60));
    }

    private long time(int valid, int given, int now, int nanos) {
        if ((valid & given) == 0) {
            return FuseFile.UTIME_OMIT;
        }
        if ((valid & now) != 0) {
            return FuseFile.UTIME_NOW;
        }
        // What stands for the present time elsewhere is no number of nanoseconds.
        int value = request.getInt(nanos);
        return value < NANOS ? value : NO_TIME;
    }

    private void getattr() {
        if (backing == 0) {
            replyAttributes();
            return;
        }
        mayWait.begin(MayWait.Kind.OTHER);
        try {
            replyAttributes();
        } finally {
            mayWait.end(0);
        }
    }

    /** The kernel keeps no attributes, so a length that changes is never seen too late. */
    private void replyAttributes() {
        int result = file.attributes(attributes);
        if (result < 0) {
            request.reply(result);
            return;
        }
        request.replyBody(Protocol.ATTR_OUT);
        int attr = Protocol.ATTR;
        request.put(attr, Protocol.ROOT_ID);
        request.put(attr + 8, attributes.size);
        request.put(attr + 16, attributes.blocks);
        request.put(attr + 24, attributes.accessSeconds);
        request.put(attr + 32, attributes.modifySeconds);
        request.put(attr + 40, attributes.changeSeconds);
        request.put(attr + 48, attributes.accessNanos);
        request.put(attr + 52, attributes.modifyNanos);
        request.put(attr + 56, attributes.changeNanos);
        request.put(attr + 60, attributes.mode);
        request.put(attr + 64, 1);
        request.put(attr + 68, attributes.uid);
        request.put(attr + 72, attributes.gid);
        request.put(attr + 80, attributes.blockSize);
    }

    /** A file system of this one file, with no room beside it. */
    private void statfs() {
        int result = file.attributes(attributes);
        if (result < 0) {
            request.reply(result);
            return;
        }
        int unit = attributes.blockSize;
        request.replyBody(Protocol.STATFS_OUT);
        request.put(0, attributes.size / unit + (attributes.size % unit == 0 ? 0 : 1));
        request.put(24, 1L);
        request.put(40, unit);
        request.put(44, 255);
        request.put(48, unit);
    }
}
