package io.diskport.fuse.file;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.export.BlockBackend;
import io.diskport.natives.FileStatus;
import io.diskport.natives.Libc;

/**
 * A plain file that the kernel writes by itself, so that it may have grown when somebody asks: its
 * node is made as long as it is.
 */
final class FollowedFile {
    private final int descriptor;
    private final FileStatus status = new FileStatus();

    FollowedFile(int descriptor) {
        this.descriptor = descriptor;
    }

    synchronized void follow(BlockBackend backend) throws BlockIOException {
        look();
        if (status.size() > backend.length()) {
            backend.refreshLength();
        }
    }

    /** Puts the file's time of modification into attributes that have an earlier one. */
    synchronized void fillTimes(FileAttributes into) throws BlockIOException {
        look();
        long seconds = status.modifySeconds();
        int nanos = status.modifyNanos();
        if (seconds > into.modifySeconds
                || seconds == into.modifySeconds && nanos > into.modifyNanos) {
            into.modifySeconds = seconds;
            into.modifyNanos = nanos;
        }
    }

    private void look() throws BlockIOException {
        int result = Libc.fstat(descriptor, status);
        if (result < 0) {
            throw new BlockIOException(Errno.of(-result), "the file cannot be looked at");
        }
    }
}
