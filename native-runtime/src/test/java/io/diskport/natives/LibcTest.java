package io.diskport.natives;

import static io.diskport.natives.LibcConstants.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibcTest {
    @TempDir Path folder;
    private Path file;
    private int fd;

    @BeforeEach
    void open() {
        file = folder.resolve("disk – ü.raw");
        fd = Libc.open(file.toString(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
        assertTrue(fd >= 0, () -> NativeError.message(fd));
    }

    @AfterEach
    void close() {
        Libc.close(fd);
    }

    private static ByteBuffer direct(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    private static String text(ByteBuffer buffer, int length) {
        byte[] bytes = new byte[length];
        buffer.get(buffer.position(), bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void opensByUtf8NameWithMode() throws IOException {
        assertTrue(Files.exists(file));
        assertEquals(
                "rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals(FD_CLOEXEC, Libc.fcntl(fd, F_GETFD, 0));
    }

    @Test
    void answersNegatedErrorNumbers() {
        assertEquals(-NativeError.ENOENT, Libc.open(folder + "/none", O_RDONLY, 0));
        assertEquals(-NativeError.EINVAL, Libc.open("a\0b", O_RDONLY, 0));
        assertEquals(-NativeError.EISDIR, Libc.open(folder.toString(), O_RDWR, 0));
        assertEquals(-NativeError.EBADF, Libc.close(999_999));
        assertEquals(-NativeError.EBADF, Libc.pread(999_999, 0, 0, 0));
        assertEquals(-NativeError.EBADF, Libc.fadvise(999_999, 0, 0, POSIX_FADV_WILLNEED));
        assertEquals(-NativeError.EFAULT, Libc.pwrite(fd, 1, 10, 0));
    }

    @Test
    void opensRelativeToAFolder() {
        int parent = Libc.open(folder.toString(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
        int child = Libc.openat(parent, file.getFileName().toString(), O_RDONLY | O_CLOEXEC, 0);
        assertTrue(child >= 0);
        Libc.close(child);
        Libc.close(parent);
    }

    @Test
    void writesAndReadsAtAnOffset() {
        ByteBuffer hello = direct("..hello").position(2);
        assertEquals(5, Libc.pwrite(fd, NativeMemory.address(hello), 5, 3_000_000_000L));
        ByteBuffer back = ByteBuffer.allocateDirect(16);
        assertEquals(
                5, Libc.pread(fd, NativeMemory.address(back), back.capacity(), 3_000_000_000L));
        assertEquals("hello", text(back, 5));
        assertEquals(0, Libc.pread(fd, NativeMemory.address(back), 16, 4_000_000_000L));
    }

    @Test
    void transfersVectors() {
        IoVectors out = new IoVectors(4).add(direct("abc")).add(direct("")).add(direct("defgh"));
        assertEquals(2, out.count());
        assertEquals(8, Libc.pwritev(fd, out, 100));
        ByteBuffer one = ByteBuffer.allocateDirect(5);
        ByteBuffer two = ByteBuffer.allocateDirect(3);
        assertEquals(8, Libc.preadv(fd, new IoVectors(2).add(one).add(two), 100));
        assertEquals("abcde", text(one, 5));
        assertEquals("fgh", text(two, 3));
    }

    @Test
    void transfersVectorsWithFlags() {
        IoVectors out = new IoVectors(1).add(direct("abc"));
        assertEquals(3, Libc.pwritev2(fd, out, 6_000_000_000L, RWF_DSYNC));
        ByteBuffer back = ByteBuffer.allocateDirect(3);
        IoVectors in = new IoVectors(1).add(back);
        // what was just written is in the page cache, so there is nothing to wait for
        assertEquals(3, Libc.preadv2(fd, in, 6_000_000_000L, RWF_NOWAIT));
        assertEquals("abc", text(back, 3));
        assertEquals(-NativeError.EOPNOTSUPP, Libc.preadv2(fd, in, 0, 1 << 30));
    }

    @Test
    void readsAndWritesAtTheDescriptorsOwnPosition() {
        ByteBuffer data = direct("abcdef");
        assertEquals(6, Libc.write(fd, NativeMemory.address(data), 6));
        assertEquals(6, Libc.writev(fd, new IoVectors(1).add(data)));
        assertEquals(2, Libc.lseek(fd, 2, SEEK_SET));
        ByteBuffer back = ByteBuffer.allocateDirect(4);
        assertEquals(4, Libc.read(fd, NativeMemory.address(back), 4));
        assertEquals("cdef", text(back, 4));
        assertEquals(4, Libc.readv(fd, new IoVectors(1).add(back)));
        assertEquals("abcd", text(back, 4));
    }

    @Test
    void findsHolesAndPunchesThem() {
        ByteBuffer data = ByteBuffer.allocateDirect(1 << 20);
        assertEquals(1 << 20, Libc.pwrite(fd, NativeMemory.address(data), 1 << 20, 1 << 20));
        assertEquals(0, Libc.ftruncate(fd, 4 << 20));
        assertEquals(1 << 20, Libc.lseek(fd, 0, SEEK_DATA));
        assertEquals(2 << 20, Libc.lseek(fd, 1 << 20, SEEK_HOLE));
        assertEquals(-NativeError.ENXIO, Libc.lseek(fd, 4 << 20, SEEK_DATA));
        int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
        assertEquals(0, Libc.fallocate(fd, mode, 1 << 20, 1 << 19));
        assertEquals((1 << 20) + (1 << 19), Libc.lseek(fd, 0, SEEK_DATA));
    }

    @Test
    void tellsAttributes() throws IOException {
        ByteBuffer data = ByteBuffer.allocateDirect(4096);
        Libc.pwrite(fd, NativeMemory.address(data), 4096, 0);
        Libc.ftruncate(fd, 1_000_000);
        assertEquals(0, Libc.fsync(fd));
        assertEquals(0, Libc.fdatasync(fd));
        Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_234_567_890, 123)));
        FileStatus status = new FileStatus();
        assertEquals(0, Libc.fstat(fd, status));
        assertEquals(1_000_000, status.size());
        assertEquals(8, status.blocks());
        assertEquals(S_IFREG | 0640, status.mode());
        assertEquals(S_IFREG, status.type());
        assertEquals(Files.getAttribute(file, "unix:ino"), status.inode());
        assertEquals(Files.getAttribute(file, "unix:uid"), status.uid());
        assertEquals(Files.getAttribute(file, "unix:gid"), status.gid());
        assertEquals(1, status.links());
        assertTrue(status.blockSize() >= 512);
        assertEquals(1_234_567_890, status.modifySeconds());
        assertEquals(123, status.modifyNanos());
        assertTrue(status.changeSeconds() > status.modifySeconds());
    }

    @Test
    void tellsTheFileSystem() throws IOException {
        FileSystemStatus status = new FileSystemStatus();
        assertEquals(0, Libc.fstatfs(fd, status));
        assertEquals(
                Files.getFileStore(file).getTotalSpace(), status.blocks() * status.blockSize());
        assertTrue(status.availableBlocks() <= status.freeBlocks());
    }

    @Test
    void duplicatesDescriptors() {
        int copy = Libc.dup(fd);
        assertTrue(copy > fd);
        assertEquals(0, Libc.close(copy));
        assertEquals(-NativeError.EBADF, Libc.close(copy));
    }

    @Test
    void refusesIoctlOfAnotherKindOfFile() {
        ByteBuffer size = ByteBuffer.allocateDirect(8);
        assertEquals(-NativeError.ENOTTY, Libc.ioctl(fd, BLKGETSIZE64, NativeMemory.address(size)));
    }
}
