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
    private long modifySeconds;
    private int modifyNanos;

    FollowedFile(int descriptor) {
        this.descriptor = descriptor;
        if (Libc.fstat(descriptor, status) >= 0) {
            modifySeconds = status.modifySeconds();
            modifyNanos = status.modifyNanos();
        }
    }

    synchronized void follow(BlockBackend backend) throws BlockIOException {
        look();
        if (status.size() > backend.length()) {
            backend.refreshLength();
        }
    }

    /** Notes when the file was written last, if it was since this was asked before. */
    synchronized void noteWrites(FileMetadata metadata) throws BlockIOException {
        look();
        if (status.modifySeconds() != modifySeconds || status.modifyNanos() != modifyNanos) {
            modifySeconds = status.modifySeconds();
            modifyNanos = status.modifyNanos();
            metadata.writtenAt(modifySeconds, modifyNanos);
        }
    }

    private void look() throws BlockIOException {
        int result = Libc.fstat(descriptor, status);
        if (result < 0) {
            throw new BlockIOException(Errno.of(-result), "the file cannot be looked at");
        }
    }
}
