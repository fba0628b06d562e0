package io.diskport.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.NativeError;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A descriptor that is closed while calls are on their way to it. */
class OpenDescriptorTest {
    private static final int FLAGS = LibcConstants.O_RDONLY | LibcConstants.O_CLOEXEC;

    @TempDir Path folder;

    /** What an open descriptor of this process leads to. */
    private static Path target(int fd) throws Exception {
        return Files.readSymbolicLink(Path.of(NativeFileOpener.byDescriptor(fd)));
    }

    private int open(String name) throws Exception {
        Path file = folder.resolve(name);
        if (!Files.exists(file)) {
            Files.write(file, new byte[512]);
        }
        return Libc.open(file.toString(), FLAGS, 0);
    }

    @Test
    void whoIsOnTheWayToACallFindsNoOtherFile() throws Exception {
        Path expected = folder.toRealPath().resolve("first");
        OpenDescriptor descriptor = new OpenDescriptor(open("first"));
        int number = descriptor.enter();
        descriptor.close();
        int other = open("second");
        assertNotEquals(number, other);
        assertEquals(expected, target(number));
        // new calls are refused, and do not free the number either
        assertEquals(-NativeError.EBADF, descriptor.fdatasync());
        assertEquals(-1, descriptor.number());
        descriptor.close();
        assertEquals(expected, target(number));
        descriptor.leave();
        assertEquals(-NativeError.EBADF, Libc.fdatasync(number));
        Libc.close(other);
    }

    @Test
    void theNumberIsGivenBackOnce() throws Exception {
        int number = open("first");
        OpenDescriptor descriptor = new OpenDescriptor(number);
        assertEquals(0, descriptor.fdatasync());
        descriptor.close();
        // the system gives the lowest free number, so most likely the same
        int other = open("second");
        descriptor.close();
        assertEquals(-NativeError.EBADF, descriptor.fdatasync());
        assertEquals(0, Libc.fdatasync(other));
        Libc.close(other);
    }
}
