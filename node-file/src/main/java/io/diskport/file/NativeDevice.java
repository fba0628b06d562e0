package io.diskport.file;

import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.NativeMemory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What only block devices can do. */
final class NativeDevice {
    private NativeDevice() {}

    /** Zero, or a negated error number. */
    static int discard(int fd, long offset, long length) {
        ByteBuffer range = ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder());
        range.putLong(0, offset).putLong(8, length);
        try {
            return Libc.ioctl(fd, LibcConstants.BLKDISCARD, NativeMemory.address(range));
        } finally {
            Reference.reachabilityFence(range);
        }
    }
}
