package io.diskport.fuse.file;

import io.diskport.api.Errno;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** The mode, owner and times of the exported file, which live as long as the export. */
final class FileMetadata {
    private static final int S_IFREG = 0100000;
    private static final int PERMISSIONS = 07777;
    private static final int NANOS = 1_000_000_000;

    private static final int S_ISUID = 04000;
    private static final int S_ISGID = 02000;
    private static final int S_IXGRP = 0010;
    private static final long NO_WRITE = Long.MIN_VALUE;

    private final Clock clock;
    private final boolean writable;
    private final boolean allowOther;
    private int mode;
    private int uid;
    private int gid;
    private long accessSeconds;
    private int accessNanos;
    private long modifySeconds;
    private int modifyNanos;
    private long changeSeconds;
    private int changeNanos;

    // When the last write ended, in milliseconds, until somebody asks: writing takes no lock.
    private final AtomicLong lastWrite = new AtomicLong(NO_WRITE);

    FileMetadata(Clock clock, boolean writable, boolean allowOther, int uid, int gid) {
        this.clock = clock;
        this.writable = writable;
        this.allowOther = allowOther;
        this.mode = writable ? 0600 : 0400;
        this.uid = uid;
        this.gid = gid;
        modified();
        accessSeconds = modifySeconds;
        accessNanos = modifyNanos;
    }

    synchronized void fill(FileAttributes into) {
        noteLastWrite();
        into.mode = S_IFREG | mode;
        into.uid = uid;
        into.gid = gid;
        into.accessSeconds = accessSeconds;
        into.accessNanos = accessNanos;
        into.modifySeconds = modifySeconds;
        into.modifyNanos = modifyNanos;
        into.changeSeconds = changeSeconds;
        into.changeNanos = changeNanos;
    }

    /** The content is another now. */
    void written() {
        lastWrite.set(clock.millis());
    }

    /** The length is another now. */
    synchronized void modified() {
        changed();
        modifySeconds = changeSeconds;
        modifyNanos = changeNanos;
    }

    /** As the kernel does it for a file of its own (should_remove_suid in fs/inode.c). */
    synchronized void killPrivileges() {
        int kept = mode & ~S_ISUID;
        kept = (kept & S_IXGRP) == 0 ? kept : kept & ~S_ISGID;
        if (kept != mode) {
            mode = kept;
            changed();
        }
    }

    /** What the next version of the driver goes on with, see {@link #restore}. */
    synchronized Map<String, Object> save() {
        noteLastWrite();
        return Map.of(
                "mode", mode,
                "uid", uid,
                "gid", gid,
                "atime", accessSeconds,
                "atimensec", accessNanos,
                "mtime", modifySeconds,
                "mtimensec", modifyNanos,
                "ctime", changeSeconds,
                "ctimensec", changeNanos);
    }

    /** Goes on with what another version has saved. */
    synchronized void restore(Map<?, ?> saved) {
        mode = (Integer) saved.get("mode");
        uid = (Integer) saved.get("uid");
        gid = (Integer) saved.get("gid");
        accessSeconds = (Long) saved.get("atime");
        accessNanos = (Integer) saved.get("atimensec");
        modifySeconds = (Long) saved.get("mtime");
        modifyNanos = (Integer) saved.get("mtimensec");
        changeSeconds = (Long) saved.get("ctime");
        changeNanos = (Integer) saved.get("ctimensec");
    }

    synchronized int chmod(int newMode) {
        int permissions = newMode & PERMISSIONS;
        if (!allowOther && (permissions & 0077) != 0) {
            return -Errno.EPERM.number();
        }
        if (!writable && (permissions & 0222) != 0) {
            return -Errno.EROFS.number();
        }
        mode = permissions;
        changed();
        return 0;
    }

    synchronized int chown(int newUid, int newGid) {
        int user = newUid == -1 ? uid : newUid;
        int group = newGid == -1 ? gid : newGid;
        if (!allowOther && (user != uid || group != gid)) {
            return -Errno.EPERM.number();
        }
        uid = user;
        gid = group;
        changed();
        return 0;
    }

    synchronized int utimens(long aSeconds, long aNanos, long mSeconds, long mNanos) {
        if (!isTime(aNanos) || !isTime(mNanos)) {
            return -Errno.EINVAL.number();
        }
        changed();
        if (aNanos == FuseFile.UTIME_NOW) {
            accessSeconds = changeSeconds;
            accessNanos = changeNanos;
        } else if (aNanos != FuseFile.UTIME_OMIT) {
            accessSeconds = aSeconds;
            accessNanos = (int) aNanos;
        }
        if (mNanos == FuseFile.UTIME_NOW) {
            modifySeconds = changeSeconds;
            modifyNanos = changeNanos;
        } else if (mNanos != FuseFile.UTIME_OMIT) {
            modifySeconds = mSeconds;
            modifyNanos = (int) mNanos;
        }
        return 0;
    }

    private static boolean isTime(long nanos) {
        return nanos == FuseFile.UTIME_NOW
                || nanos == FuseFile.UTIME_OMIT
                || nanos >= 0 && nanos < NANOS;
    }

    /** The content was changed by somebody who did not say so then. */
    synchronized void writtenAt(long seconds, int nanos) {
        noteWrite(Instant.ofEpochSecond(seconds, nanos));
    }

    private void noteLastWrite() {
        long millis = lastWrite.getAndSet(NO_WRITE);
        if (millis != NO_WRITE) {
            noteWrite(Instant.ofEpochMilli(millis));
        }
    }

    private void noteWrite(Instant write) {
        if (write.isAfter(Instant.ofEpochSecond(changeSeconds, changeNanos))) {
            changeSeconds = write.getEpochSecond();
            changeNanos = write.getNano();
        }
        modifySeconds = changeSeconds;
        modifyNanos = changeNanos;
    }

    private void changed() {
        noteLastWrite();
        Instant now = clock.instant();
        changeSeconds = now.getEpochSecond();
        changeNanos = now.getNano();
    }
}
