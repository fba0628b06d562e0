package io.diskport.file;

import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.NativeMemory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The blocks of a block device, of which it takes whole ones only. */
final class LogicalBlocks {
    private static final int USUAL = 512;

    private LogicalBlocks() {}

    /** Their length, a power of two; the usual 512 if the device does not tell. */
    static int size(int fd) {
        ByteBuffer answer = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
        int result = Libc.ioctl(fd, LibcConstants.BLKSSZGET, NativeMemory.address(answer));
        Reference.reachabilityFence(answer);
        int size = answer.getInt(0);
        return result == 0 && size >= USUAL && Integer.bitCount(size) == 1 ? size : USUAL;
    }
}
