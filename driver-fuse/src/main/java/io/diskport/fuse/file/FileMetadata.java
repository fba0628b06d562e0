package io.diskport.fuse.file;

import io.diskport.api.Errno;
import java.time.Clock;
import java.time.Instant;

/** The mode, owner and times of the exported file, which live as long as the export. */
final class FileMetadata {
    private static final int S_IFREG = 0100000;
    private static final int PERMISSIONS = 07777;
    private static final int NANOS = 1_000_000_000;

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

    /** The content or the length is another now. */
    synchronized void modified() {
        changed();
        modifySeconds = changeSeconds;
        modifyNanos = changeNanos;
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

    private void changed() {
        Instant now = clock.instant();
        changeSeconds = now.getEpochSecond();
        changeNanos = now.getNano();
    }
}
