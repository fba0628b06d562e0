package io.diskport.it.fuse;

import io.diskport.it.fuse.Operation.Allocate;
import io.diskport.it.fuse.Operation.ChangeMode;
import io.diskport.it.fuse.Operation.CheckSpace;
import io.diskport.it.fuse.Operation.Copy;
import io.diskport.it.fuse.Operation.FindHole;
import io.diskport.it.fuse.Operation.Forget;
import io.diskport.it.fuse.Operation.Open;
import io.diskport.it.fuse.Operation.Read;
import io.diskport.it.fuse.Operation.ReadAll;
import io.diskport.it.fuse.Operation.ReadMapped;
import io.diskport.it.fuse.Operation.Seek;
import io.diskport.it.fuse.Operation.SetTimes;
import io.diskport.it.fuse.Operation.Sync;
import io.diskport.it.fuse.Operation.Truncate;
import io.diskport.it.fuse.Operation.TruncatePath;
import io.diskport.it.fuse.Operation.Write;
import io.diskport.it.fuse.Operation.WriteMapped;
import io.diskport.natives.FileStatus;
import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeMemory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/** A file with its open handles, used by system calls alone. Of one thread. */
class FileUnderTest implements Subject {
    static final int PAGE = 4096;

    private static final int ROOM = 8 << 20;
    private static final long SPACE_SLACK = 4 << 20;
    private static final int PERMISSIONS = 07777;

    private final String path;
    private final long base;
    private final int[] handles = new int[Mix.SLOTS];
    private final int eye;
    private final FileStatus status = new FileStatus();
    private final ByteBuffer room = NativeMemory.allocate(ROOM, PAGE);
    private final long address = NativeMemory.address(room);

    /**
     * A file of which no slot is open yet.
     *
     * @param base all before is a hole that nobody looks at
     */
    FileUnderTest(Path path, long base) {
        this.path = path.toString();
        this.base = base;
        this.eye = Libc.open(this.path, LibcConstants.O_RDONLY | LibcConstants.O_CLOEXEC, 0);
        if (eye < 0) {
            throw new IllegalStateException("cannot open " + path + ": " + NativeError.name(eye));
        }
        Arrays.fill(handles, -1);
    }

    @Override
    public final Outcome perform(Operation operation) {
        // Java 17 has no switch on types.
        if (operation instanceof Open open) {
            return done(open(open));
        } else if (operation instanceof Read read) {
            return read(handles[read.slot()], read.offset(), read.length());
        } else if (operation instanceof Write write) {
            room.put(0, Pattern.bytes(write.seed(), write.length()));
            int fd = handles[write.slot()];
            return done(Libc.pwrite(fd, address, write.length(), write.offset()));
        } else if (operation instanceof Truncate truncate) {
            return done(Libc.ftruncate(handles[truncate.slot()], truncate.length()));
        } else if (operation instanceof TruncatePath truncate) {
            return done(MoreLibc.truncate(path, truncate.length()));
        } else if (operation instanceof Allocate allocate) {
            int fd = handles[allocate.slot()];
            return done(allocate(fd, allocate.mode(), allocate.offset(), allocate.length()));
        } else if (operation instanceof Seek seek) {
            return seek(handles[seek.slot()], seek.offset(), seek.whence());
        } else if (operation instanceof FindHole find) {
            return findHole(handles[find.slot()], find);
        } else if (operation instanceof Sync sync) {
            int fd = handles[sync.slot()];
            return done(sync.dataOnly() ? Libc.fdatasync(fd) : Libc.fsync(fd));
        } else if (operation instanceof ChangeMode change) {
            return changeMode(handles[change.slot()], change.mode());
        } else if (operation instanceof SetTimes times) {
            return setTimes(handles[times.slot()], times);
        } else if (operation instanceof Copy copy) {
            return done(
                    MoreLibc.copyFileRange(
                            handles[copy.from()],
                            copy.source(),
                            handles[copy.to()],
                            copy.target(),
                            copy.length()));
        } else if (operation instanceof ReadMapped read) {
            return readMapped(handles[read.slot()], read.offset(), read.length());
        } else if (operation instanceof WriteMapped write) {
            return writeMapped(handles[write.slot()], write);
        } else if (operation instanceof Forget forget) {
            int advice = LibcConstants.POSIX_FADV_DONTNEED;
            return done(Libc.fadvise(handles[forget.slot()], 0, 0, advice));
        } else if (operation instanceof ReadAll) {
            return readAll();
        } else if (operation instanceof CheckSpace) {
            return checkSpace();
        }
        throw new IllegalArgumentException(operation.toString());
    }

    /** fallocate(2). */
    int allocate(int fd, int mode, long offset, long length) {
        return Libc.fallocate(fd, mode, offset, length);
    }

    /** The file's length. */
    final long size() {
        Libc.fstat(eye, status);
        return status.size();
    }

    private Outcome done(long result) {
        return Outcome.of(result, size());
    }

    private int open(Open open) {
        int old = handles[open.slot()];
        if (old >= 0) {
            int closed = Libc.close(old);
            if (closed < 0) {
                return closed;
            }
        }
        int fd = Libc.open(path, open.flags() | LibcConstants.O_CLOEXEC, 0);
        handles[open.slot()] = fd;
        return Math.min(fd, 0);
    }

    private Outcome read(int fd, long offset, int length) {
        long count = Libc.pread(fd, address, length, offset);
        return count < 0 ? done(count) : Outcome.read(size(), content(count));
    }

    private Outcome readAll(int fd) {
        Libc.fstat(fd, status);
        long size = status.size();
        int length = (int) Math.max(0, size - base);
        long count = 0;
        while (count < length) {
            long part = Libc.pread(fd, address + count, length - count, base + count);
            if (part <= 0) {
                return Outcome.of(part, size);
            }
            count += part;
        }
        return Outcome.read(size, content(count));
    }

    private byte[] content(long count) {
        byte[] content = new byte[(int) count];
        room.get(0, content);
        return content;
    }

    /** Where holes are is the file's own affair, as long as they are empty. */
    private Outcome seek(int fd, long offset, int whence) {
        long found = Libc.lseek(fd, offset, whence);
        long size = size();
        if (whence == LibcConstants.SEEK_END || offset < 0 || offset >= size) {
            return Outcome.of(found, size);
        }
        if (found >= 0 && (found < offset || found > size)) {
            return Outcome.complaint("from " + offset + " it seeks to " + found, size);
        }
        long begin = offset;
        long end = found;
        if (whence == LibcConstants.SEEK_HOLE) {
            begin = found;
            end = found == size ? size : Libc.lseek(fd, found, LibcConstants.SEEK_DATA);
        }
        if (end == -NativeError.ENXIO) {
            end = size;
        }
        if (begin < 0 || end < begin) {
            return Outcome.of(Math.min(begin, end), size);
        }
        return checkEmpty(begin, end, size);
    }

    private Outcome checkEmpty(long begin, long end, long size) {
        long first = Math.max(begin, base);
        int length = (int) Math.max(0, end - first);
        Outcome inside = read(eye, first, length);
        for (int i = 0; i < inside.data().length; i++) {
            if (inside.data()[i] != 0) {
                long at = first + i;
                return Outcome.complaint(
                        "data at " + at + " is in the hole " + begin + " to " + end, size);
            }
        }
        return Outcome.of(inside.data().length == length ? 0 : inside.result(), size);
    }

    private Outcome findHole(int fd, FindHole find) {
        int third = find.length() / 3;
        room.put(0, Pattern.bytes(find.seed(), find.length()));
        long result = Libc.pwrite(fd, address, find.length(), find.offset());
        if (result == find.length()) {
            int punch = LibcConstants.FALLOC_FL_PUNCH_HOLE | LibcConstants.FALLOC_FL_KEEP_SIZE;
            result = allocate(fd, punch, find.offset() + third, third);
        }
        if (result < 0) {
            return done(result);
        }
        long hole = Libc.lseek(fd, find.offset(), LibcConstants.SEEK_HOLE);
        long data = Libc.lseek(fd, hole, LibcConstants.SEEK_DATA);
        boolean found = hole == find.offset() + third && data == hole + third;
        return found
                ? done(result)
                : Outcome.complaint("the hole is from " + hole + " to " + data, size());
    }

    private Outcome changeMode(int fd, int mode) {
        int result = MoreLibc.fchmod(fd, mode);
        if (result == 0) {
            Libc.fstat(fd, status);
            result = status.mode() & PERMISSIONS;
        }
        return done(result);
    }

    private Outcome setTimes(int fd, SetTimes times) {
        int result =
                MoreLibc.futimens(fd, times.accessSeconds(), times.modifySeconds(), times.nanos());
        Libc.fstat(fd, status);
        boolean kept =
                status.accessSeconds() == times.accessSeconds()
                        && status.modifySeconds() == times.modifySeconds()
                        && status.accessNanos() == times.nanos()
                        && status.modifyNanos() == times.nanos();
        return result == 0 && !kept
                ? Outcome.complaint("the times are not as they were set", size())
                : done(result);
    }

    private Outcome readMapped(int fd, long offset, int length) {
        long size = size();
        int inside = (int) Math.max(0, Math.min(length, size - offset));
        int skip = (int) (offset % PAGE);
        long map = MoreLibc.map(fd, MoreLibc.PROT_READ, offset - skip, skip + (long) length);
        if (map < 0) {
            return Outcome.of(map, size);
        }
        byte[] content = new byte[inside];
        NativeMemory.view(map, skip + inside).get(skip, content);
        MoreLibc.unmap(map, skip + (long) length);
        return Outcome.read(size, content);
    }

    private Outcome writeMapped(int fd, WriteMapped write) {
        long size = size();
        int inside = (int) Math.max(0, Math.min(write.length(), size - write.offset()));
        int skip = (int) (write.offset() % PAGE);
        int protection = MoreLibc.PROT_READ | MoreLibc.PROT_WRITE;
        long length = skip + (long) write.length();
        long map = MoreLibc.map(fd, protection, write.offset() - skip, length);
        if (map < 0) {
            return Outcome.of(map, size);
        }
        int result = 0;
        if (inside > 0) {
            byte[] bytes = Pattern.bytes(write.seed(), inside);
            NativeMemory.view(map, skip + inside).put(skip, bytes);
            result = write.synchronize() ? MoreLibc.synchronize(map, (long) skip + inside) : 0;
        }
        MoreLibc.unmap(map, length);
        return done(result);
    }

    /** Every page with data has its place on the disk, and there is not much more than that. */
    private Outcome checkSpace() {
        byte[] content = readAll(eye).data();
        // What a mapping has written may have no place yet.
        Libc.fsync(eye);
        Libc.fstat(eye, status);
        long taken = status.blocks() * 512;
        long least = 0;
        for (int page = 0; page < content.length; page += PAGE) {
            least += isEmpty(content, page) ? 0 : PAGE;
        }
        long most = content.length + SPACE_SLACK;
        return taken < least || taken > most
                ? Outcome.complaint(
                        taken + " bytes on the disk, not " + least + " to " + most, status.size())
                : Outcome.of(0, status.size());
    }

    private static boolean isEmpty(byte[] content, int page) {
        for (int i = page; i < Math.min(content.length, page + PAGE); i++) {
            if (content[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private Outcome readAll() {
        int fd = Libc.open(path, LibcConstants.O_RDONLY | LibcConstants.O_CLOEXEC, 0);
        if (fd < 0) {
            return done(fd);
        }
        try {
            return readAll(fd);
        } finally {
            Libc.close(fd);
        }
    }
}
