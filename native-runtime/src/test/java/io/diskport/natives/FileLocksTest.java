package io.diskport.natives;

import static io.diskport.natives.FileLocks.F_RDLCK;
import static io.diskport.natives.FileLocks.F_UNLCK;
import static io.diskport.natives.FileLocks.F_WRLCK;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileLocksTest {
    @TempDir Path folder;
    private int one;
    private int two;

    @BeforeEach
    void openTwice() {
        String file = folder.resolve("file").toString();
        one = Libc.open(file, LibcConstants.O_RDWR | LibcConstants.O_CREAT, 0600);
        two = Libc.open(file, LibcConstants.O_RDWR, 0);
    }

    @AfterEach
    void close() {
        Libc.close(one);
        Libc.close(two);
    }

    @Test
    void twoDescriptorsOfOneProcessConflict() {
        assertEquals(0, FileLocks.set(one, F_RDLCK, 100, 1));
        assertEquals(0, FileLocks.set(two, F_RDLCK, 100, 1));
        assertEquals(-NativeError.EAGAIN, FileLocks.set(two, F_WRLCK, 100, 1));
        assertEquals(0, FileLocks.set(two, F_WRLCK, 101, 1));
    }

    @Test
    void probeSeesOnlyTheOthersLocks() {
        FileLocks.set(one, F_RDLCK, 201, 1);
        assertEquals(0, FileLocks.probe(one, F_WRLCK, 201, 1));
        assertEquals(1, FileLocks.probe(two, F_WRLCK, 201, 1));
        assertEquals(0, FileLocks.probe(two, F_RDLCK, 201, 1));
        assertEquals(0, FileLocks.probe(two, F_WRLCK, 202, 1));
    }

    @Test
    void locksEndWithTheDescriptorOrOnRequest() {
        FileLocks.set(one, F_WRLCK, 100, 1);
        FileLocks.set(one, F_WRLCK, 101, 1);
        FileLocks.set(one, F_UNLCK, 100, 1);
        assertEquals(0, FileLocks.probe(two, F_WRLCK, 100, 1));
        assertEquals(1, FileLocks.probe(two, F_WRLCK, 101, 1));
        Libc.close(one);
        assertEquals(0, FileLocks.probe(two, F_WRLCK, 101, 1));
    }
}
