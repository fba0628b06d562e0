package io.diskport.fuse.file;

import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.export.Client;
import io.diskport.api.export.ExportContext;
import io.diskport.api.node.RequestFlags;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What the exported file does: the meaning of each request, without any library or kernel
 * structure.
 *
 * <p>Any thread, any number at once. Every operation answers zero or more, or a negated error
 * number ({@link Errno}), and never throws, so that a request always gets its reply. A handle is
 * what {@link #open} answered, or {@link #NO_HANDLE} where a request came by path.
 */
public final class FuseFile {
    /** Stands for no open handle. */
    public static final long NO_HANDLE = OpenHandles.NONE;

    /** What {@link #tryRead} and {@link #tryWrite} answer where the request may have to wait. */
    public static final int WOULD_WAIT = Integer.MIN_VALUE;

    /** Nanoseconds that mean the present time (utimensat(2)). */
    public static final long UTIME_NOW = (1L << 30) - 1;

    /** Nanoseconds that mean to leave a time as it is (utimensat(2)). */
    public static final long UTIME_OMIT = (1L << 30) - 2;

    private static final int O_ACCMODE = 3;
    private static final int O_TRUNC = 0x200;

    private final ExportContext context;
    private final boolean growable;
    private final FileMetadata metadata;
    private final FileExtent extent = new FileExtent();
    private final OpenHandles handles = new OpenHandles();
    private final AtomicBoolean unexpectedLogged = new AtomicBoolean();
    private volatile Optional<FollowedFile> followed = Optional.empty();
    private final CacheValidity cache;
    private volatile boolean closedToNew;

    /**
     * The file of one export.
     *
     * @param allowOther whether users other than the owner are let in, and so may be given rights
     * @param uid its owner at first, as is {@code gid}: the user who mounts, or the kernel keeps
     *     that user out
     */
    public FuseFile(
            ExportContext context,
            boolean growable,
            boolean allowOther,
            int uid,
            int gid,
            Clock clock) {
        this.context = context;
        this.growable = growable;
        this.cache = new CacheValidity(context.backend());
        boolean writable = context.backend().writable();
        this.metadata = new FileMetadata(clock, writable, allowOther, uid, gid);
    }

    /** Fills in the attributes as they are now. */
    public int attributes(FileAttributes into) {
        try {
            BlockBackend backend = backend(NO_HANDLE);
            noteWrites();
            metadata.fill(into);
            into.size = backend.length();
            into.blocks = (backend.allocatedLength() + 511) / 512;
            into.blockSize = Math.max(512, backend.limits().preferredLength());
            return 0;
        } catch (Throwable e) {
            return failed(e);
        }
    }

    /**
     * Opens the file.
     *
     * @param flags as in open(2); the access mode and O_TRUNC are looked at. A file that is not
     *     growable keeps its length and opens.
     * @param process who opens, for people; 0 if not known
     * @return the handle
     */
    public long open(int flags, long process) {
        try {
            BlockBackend backend = context.backend();
            if ((flags & O_ACCMODE) != 0 && !backend.writable()) {
                return -Errno.EACCES.number();
            }
            if (closedToNew) {
                return -Errno.ESHUTDOWN.number();
            }
            long handle = handles.add(context.client(describe(process)), process);
            if ((flags & O_TRUNC) != 0 && growable && backend.writable()) {
                int result = truncate(handle, 0);
                if (result < 0) {
                    release(handle);
                    return result;
                }
            }
            return handle;
        } catch (BlockException e) {
            return -Errno.ESHUTDOWN.number();
        } catch (Throwable e) {
            return failed(e);
        }
    }

    /** Says that a client wrote past the kernel's cache, which may have kept what was there. */
    public void wrotePastCache() {
        cache.wrotePastCache();
    }

    /** Whether the kernel may keep the content that it has cached when the file is opened. */
    public boolean keepsCache() {
        return cache.isKept();
    }

    /** Closes a handle. */
    public int release(long handle) {
        try {
            Client client = handles.remove(handle);
            if (client == null) {
                return -Errno.EBADF.number();
            }
            client.close();
            return 0;
        } catch (Throwable e) {
            return failed(e);
        }
    }

    /**
     * Reads from an offset into the destination's remaining room.
     *
     * @return the bytes read: fewer at the end of the file, 0 beyond it
     */
    public int read(long handle, long offset, ByteBuffer destination) {
        return read(handle, offset, destination, true);
    }

    /** Reads if nothing has to be waited for, and answers {@link #WOULD_WAIT} otherwise. */
    public int tryRead(long handle, long offset, ByteBuffer destination) {
        return read(handle, offset, destination, false);
    }

    private int read(long handle, long offset, ByteBuffer destination, boolean wait) {
        int position = destination.position();
        int wanted = destination.remaining();
        try {
            BlockBackend backend = backend(handle);
            while (true) {
                long length = backend.length();
                if (offset < 0) {
                    return -Errno.EINVAL.number();
                }
                if (offset >= length) {
                    return 0;
                }
                int count = (int) Math.min(wanted, length - offset);
                destination.limit(position + count).position(position);
                try {
                    if (wait) {
                        backend.read(offset, destination);
                        return count;
                    }
                    return backend.tryRead(offset, destination) ? count : WOULD_WAIT;
                } catch (BlockIOException e) {
                    // Somebody made the file shorter between the question and the read.
                    if (e.errno() != Errno.EINVAL || backend.length() >= offset + count) {
                        throw e;
                    }
                }
            }
        } catch (Throwable e) {
            return failed(e);
        }
    }

    /**
     * Writes the source's remaining bytes at an offset.
     *
     * @return the bytes written: fewer at the end of a file that does not grow or cannot, and
     *     beyond it 0 or ENOSPC
     */
    public int write(long handle, long offset, ByteBuffer source) {
        return write(handle, offset, source, true);
    }

    /** Writes if nothing has to be waited for, and answers {@link #WOULD_WAIT} otherwise. */
    public int tryWrite(long handle, long offset, ByteBuffer source) {
        return write(handle, offset, source, false);
    }

    /**
     * Writes at the end of the file, wherever the kernel takes that to be; a file that is not
     * growable has no room there.
     */
    public int append(long handle, long offset, ByteBuffer source) {
        try {
            if (!growable || offset == backend(handle).length()) {
                return write(handle, offset, source);
            }
            return extent.append(backend(handle), end -> write(handle, end, source));
        } catch (Throwable e) {
            return failed(e);
        }
    }

    private int write(long handle, long offset, ByteBuffer source, boolean wait) {
        int position = source.position();
        int wanted = source.remaining();
        try {
            BlockBackend backend = backend(handle);
            if (!backend.writable()) {
                return -Errno.EACCES.number();
            }
            if (offset < 0 || offset > Long.MAX_VALUE - wanted) {
                return -Errno.EFBIG.number();
            }
            if (wanted == 0) {
                return 0;
            }
            while (true) {
                long room = backend.length() - offset;
                if (!wait && room < wanted) {
                    return WOULD_WAIT;
                }
                int count =
                        growable && room < wanted
                                ? extent.makeRoom(backend, offset, wanted)
                                : FileExtent.clip(wanted, room);
                if (count == 0) {
                    return 0;
                }
                source.limit(position + count).position(position);
                try {
                    if (wait) {
                        backend.write(offset, RequestFlags.NONE, source);
                    } else if (!backend.tryWrite(offset, RequestFlags.NONE, source)) {
                        return WOULD_WAIT;
                    }
                    metadata.written();
                    return count;
                } catch (BlockIOException e) {
                    // Somebody made the file shorter between the question and the write.
                    if (e.errno() != Errno.ENOSPC || backend.length() >= offset + count) {
                        throw e;
                    }
                }
            }
        } catch (Throwable e) {
            return failed(e);
        }
    }

    /** Sets the length, whether the file is growable or not. */
    public int truncate(long handle, long length) {
        return change(handle, backend -> extent.setLength(backend, length));
    }

    /** Allocates, zeroes or punches a range: the modes of fallocate(2) that block exports have. */
    public int allocate(long handle, int mode, long offset, long length) {
        if (offset < 0 || length <= 0) {
            return -Errno.EINVAL.number();
        }
        if (offset > Long.MAX_VALUE - length) {
            return -Errno.EFBIG.number();
        }
        return change(handle, backend -> extent.allocate(backend, mode, offset, length));
    }

    /** Returns when what was written is on stable storage: fsync, and each close of a handle. */
    public int flush(long handle) {
        try {
            BlockBackend backend = backend(handle);
            backend.flush();
            return 0;
        } catch (Throwable e) {
            return failed(e);
        }
    }

    /**
     * Finds data or a hole (lseek(2), SEEK_DATA and SEEK_HOLE); what reads as zeroes is a hole.
     *
     * @return the offset where it begins
     */
    public long seek(long handle, long offset, int whence) {
        try {
            return FileExtent.seek(backend(handle), offset, whence);
        } catch (Throwable e) {
            return failed(e);
        }
    }

    /**
     * Says that the kernel reads and writes a file by itself, whose length has to be asked for.
     *
     * @param descriptor the plain file beneath the node
     */
    public void follow(int descriptor) {
        followed = Optional.of(new FollowedFile(descriptor));
    }

    /** Takes away set-user-id and set-group-id, as a write by an ordinary user does. */
    public void killPrivileges() {
        metadata.killPrivileges();
    }

    /** Changes the permission bits. */
    public int chmod(int mode) {
        return metadata.chmod(mode);
    }

    /** Changes the owner; -1 leaves one as it is. */
    public int chown(int uid, int gid) {
        return metadata.chown(uid, gid);
    }

    /** Sets the times of access and modification; nanoseconds may be UTIME_NOW or UTIME_OMIT. */
    public int utimens(long accessSeconds, long accessNanos, long modifySeconds, long modifyNanos) {
        try {
            noteWrites();
        } catch (BlockIOException e) {
            return failed(e);
        }
        return metadata.utimens(accessSeconds, accessNanos, modifySeconds, modifyNanos);
    }

    private void noteWrites() throws BlockIOException {
        if (followed.isPresent()) {
            followed.get().noteWrites(metadata);
        }
    }

    /** Refuses every open from now on; handles that are open stay. */
    public void closeToNew() {
        closedToNew = true;
    }

    /** The length changed in another way than through this file. */
    public void resized() {
        metadata.modified();
    }

    /** What the next version of the driver goes on with: its attributes and open handles. */
    public Map<String, Object> save() {
        return Map.of(
                "metadata", metadata.save(),
                "handles", handles.processes(),
                "changes-seen", cache.save());
    }

    /**
     * Goes on with what another version has saved.
     *
     * @throws BlockException if the export takes no clients any more
     */
    public void restore(Map<?, ?> saved) throws BlockException {
        metadata.restore((Map<?, ?>) saved.get("metadata"));
        if (saved.get("changes-seen") instanceof Long seen) {
            cache.restore(seen);
        }
        for (Map.Entry<?, ?> open : ((Map<?, ?>) saved.get("handles")).entrySet()) {
            long process = (Long) open.getValue();
            handles.restore((Long) open.getKey(), context.client(describe(process)), process);
        }
    }

    private static String describe(long process) {
        return process == 0 ? "file handle" : "process " + process;
    }

    /**
     * Closes every handle in place of whoever has it.
     *
     * @return how many were open
     */
    public int releaseAll() {
        List<Client> open = handles.removeAll();
        open.forEach(Client::close);
        return open.size();
    }

    /** How many handles are open. */
    public int openHandles() {
        return handles.count();
    }

    private interface Change {
        void apply(BlockBackend backend) throws BlockIOException;
    }

    private int change(long handle, Change change) {
        try {
            BlockBackend backend = backend(handle);
            if (!backend.writable()) {
                return -Errno.EACCES.number();
            }
            change.apply(backend);
            metadata.modified();
            return 0;
        } catch (Throwable e) {
            return failed(e);
        }
    }

    private BlockBackend backend(long handle) throws BlockIOException {
        if (followed.isPresent()) {
            followed.get().follow(context.backend());
        }
        if (handle == NO_HANDLE) {
            return context.backend();
        }
        Client client = handles.get(handle);
        if (client == null) {
            throw closedToNew
                    ? new BlockIOException(Errno.ESHUTDOWN, "the export ends")
                    : new BlockIOException(Errno.EBADF, "no open handle " + handle);
        }
        return client.backend();
    }

    private int failed(Throwable error) {
        if (error instanceof BlockIOException refused) {
            return -refused.errno().number();
        }
        if (unexpectedLogged.compareAndSet(false, true)) {
            context.log().log(System.Logger.Level.ERROR, "A request failed unexpectedly", error);
        }
        return -Errno.EIO.number();
    }
}
