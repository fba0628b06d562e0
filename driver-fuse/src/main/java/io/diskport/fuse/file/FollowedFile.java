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
        int result = Libc.fstat(descriptor, status);
        if (result < 0) {
            throw new BlockIOException(Errno.of(-result), "the length of the file is not known");
        }
        if (status.size() != backend.length() && backend.resizable()) {
            backend.truncate(status.size());
        }
    }
}
