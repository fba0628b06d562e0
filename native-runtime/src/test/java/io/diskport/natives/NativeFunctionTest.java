package io.diskport.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.kenai.jffi.Library;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeFunctionTest {
    @TempDir Path folder;

    @Test
    void libcAnswersNegatedErrors() {
        assertEquals(-NativeError.EBADF, NativeFunction.ofInt("close", 1).call(-1));
        assertEquals(-NativeError.EBADF, NativeFunction.ofLong("read", 3).call(-1, 0, 0));
    }

    @Test
    void whatLibcLacksAnswersEnosys() {
        NativeFunction function = NativeFunction.ofInt("diskport_nothing", 6);
        assertEquals(-NativeError.ENOSYS, function.call(1, 2, 3, 4, 5, 6));
    }

    @Test
    void otherLibrariesAnswerBareWords() {
        NativeFunction lseek = NativeFunction.ofLibrary(Library.getDefault(), "lseek", 3);
        assertEquals(-1, lseek.call(-1, 0, 0));
        long address = Library.getDefault().getSymbolAddress("lseek");
        assertEquals(-1, NativeFunction.ofAddress(address, "lseek", 3).call(-1, 0, 0));
    }

    @Test
    void whatOtherLibrariesLackIsNamed() {
        UnsatisfiedLinkError error =
                assertThrows(
                        UnsatisfiedLinkError.class,
                        () -> NativeFunction.ofLibrary(Library.getDefault(), "fuse_nothing", 1));
        assertEquals("fuse_nothing is not in the library", error.getMessage());
        assertThrows(
                UnsatisfiedLinkError.class, () -> NativeFunction.ofAddress(0, "fuse_nothing", 1));
    }

    @Test
    void allSixArgumentsArrive() throws Exception {
        int offset = 1 << 16;
        byte[] content = new byte[offset + 1];
        content[offset] = 42;
        Path file = Files.write(folder.resolve("file"), content);
        int fd = Libc.open(file.toString(), LibcConstants.O_RDONLY, 0);
        // PROT_READ, MAP_PRIVATE (sys/mman.h)
        long address = NativeFunction.ofLong("mmap", 6).call(0, 1, 1, 2, fd, offset);
        Libc.close(fd);
        assertTrue(address > 0, NativeError.message((int) address));
        assertEquals(42, NativeMemory.view(address, 1).get(0));
        assertEquals(0, NativeFunction.ofInt("munmap", 2).call(address, 1));
    }

    @Test
    void moreThanSixParametersAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> NativeFunction.ofInt("close", 7));
    }
}
