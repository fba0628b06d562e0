package io.diskport.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls on hot paths must not feed the garbage collector. */
class LibcAllocationTest {
    private static final int CALLS = 100_000;

    @TempDir Path folder;

    @Test
    void readingAllocatesNothing() {
        int fd =
                Libc.open(
                        folder.resolve("file").toString(),
                        LibcConstants.O_RDWR | LibcConstants.O_CREAT,
                        0600);
        Libc.ftruncate(fd, 1 << 20);
        ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
        IoVectors vectors = new IoVectors(2);
        FileStatus status = new FileStatus();
        readAll(fd, buffer, vectors, status);

        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(self);
        readAll(fd, buffer, vectors, status);
        long allocated = threads.getThreadAllocatedBytes(self) - before;
        assertTrue(allocated < CALLS / 100, allocated + " bytes in " + CALLS + " rounds");
        Libc.close(fd);
    }

    private static void readAll(int fd, ByteBuffer buffer, IoVectors vectors, FileStatus status) {
        for (int i = 0; i < CALLS; i++) {
            assertEquals(
                    4096, Libc.pread(fd, NativeMemory.address(buffer), 4096, (i & 255) * 4096L));
            vectors.clear().add(buffer);
            assertEquals(4096, Libc.preadv(fd, vectors, 0));
            assertEquals(-NativeError.EBADF, Libc.preadv2(-1, vectors, 0, 0));
            assertEquals(0, Libc.fstat(fd, status));
        }
    }
}
