package io.diskport.fuse.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.Errno;
import io.diskport.fuse.testing.FakeContext;
import io.diskport.fuse.testing.MemoryBackend;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the exported file does, without any library. */
class FuseFileTest {
    private static final int O_RDONLY = 0;
    private static final int O_RDWR = 2;
    private static final int O_TRUNC = 0x200;
    private static final int KEEP_SIZE = 1;
    private static final int PUNCH_HOLE = 2;
    private static final int ZERO_RANGE = 0x10;

    private final AtomicLong now = new AtomicLong(1_000);
    private MemoryBackend backend = new MemoryBackend(1001, true);
    private FakeContext context = new FakeContext(backend);

    private FuseFile file(boolean growable) {
        return file(growable, false);
    }

    private FuseFile file(boolean growable, boolean allowOther) {
        context = new FakeContext(backend);
        Clock clock =
                new Clock() {
                    @Override
                    public java.time.ZoneId getZone() {
                        return ZoneOffset.UTC;
                    }

                    @Override
                    public Clock withZone(java.time.ZoneId zone) {
                        return this;
                    }

                    @Override
                    public Instant instant() {
                        return Instant.ofEpochSecond(now.get(), 7);
                    }
                };
        return new FuseFile(context, growable, allowOther, 12, 34, clock);
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private static FileAttributes attributes(FuseFile file) {
        FileAttributes attributes = new FileAttributes();
        assertEquals(0, file.attributes(attributes));
        return attributes;
    }

    @Test
    void attributesShowTheLengthToTheByteAndTheOwner() {
        FileAttributes attributes = attributes(file(false));
        assertEquals(1001, attributes.size);
        assertEquals(2, attributes.blocks);
        assertEquals(0100600, attributes.mode);
        assertEquals(12, attributes.uid);
        assertEquals(34, attributes.gid);
        backend = new MemoryBackend(5, false);
        assertEquals(0100400, attributes(file(false)).mode);
    }

    @Test
    void readsAreShortAtTheEndAndEmptyBeyondIt() {
        FuseFile file = file(false);
        long handle = file.open(O_RDWR, 1);
        assertEquals(3, file.write(handle, 998, text("xyz")));
        ByteBuffer room = ByteBuffer.allocate(10);
        assertEquals(3, file.read(handle, 998, room));
        assertArrayEquals("xyz".getBytes(UTF_8), java.util.Arrays.copyOf(room.array(), 3));
        assertEquals(0, file.read(handle, 1001, ByteBuffer.allocate(1)));
        assertEquals(0, file.read(handle, Long.MAX_VALUE - 3, ByteBuffer.allocate(9)));
    }

    @Test
    void writesBeyondTheEndAreShortWhereTheFileDoesNotGrow() {
        FuseFile file = file(false);
        assertEquals(1, file.write(FuseFile.NO_HANDLE, 1000, text("abc")));
        assertEquals(0, file.write(FuseFile.NO_HANDLE, 1001, text("abc")));
        assertEquals(1001, backend.length());
    }

    @Test
    void writesBeyondTheEndEnlargeAGrowableFile() {
        FuseFile file = file(true);
        assertEquals(3, file.write(FuseFile.NO_HANDLE, 2000, text("abc")));
        assertEquals(2003, backend.length());
        assertEquals(
                -Errno.EFBIG.number(),
                file.write(FuseFile.NO_HANDLE, Long.MAX_VALUE - 1, text("abc")));
    }

    @Test
    void aGrowableFileThatCannotGrowEndsWhereItIs() {
        FuseFile file = file(true);
        for (Errno refusal : List.of(Errno.EOPNOTSUPP, Errno.ENOSPC, Errno.EFBIG)) {
            backend.truncateFailure = refusal;
            assertEquals(1, file.write(FuseFile.NO_HANDLE, 1000, text("abc")));
            assertEquals(-Errno.ENOSPC.number(), file.write(0, 1001, text("abc")));
        }
        backend.truncateFailure = Errno.EIO;
        assertEquals(-Errno.EIO.number(), file.write(FuseFile.NO_HANDLE, 1000, text("abc")));
        backend.truncateFailure = null;
        backend.resizable = false;
        assertEquals(1, file.write(FuseFile.NO_HANDLE, 1000, text("xyz")));
        assertEquals(1001, backend.length());
        assertEquals('x', backend.content()[1000]);
    }

    @Test
    void concurrentGrowthLosesNothing() throws Exception {
        FuseFile file = file(true);
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Integer>> writes =
                    IntStream.range(0, 400)
                            .<Callable<Integer>>mapToObj(
                                    i -> () -> file.write(0, 1001 + i * 5L, text("aaaaa")))
                            .toList();
            for (var result : pool.invokeAll(writes)) {
                assertEquals(5, result.get());
            }
        } finally {
            pool.shutdownNow();
        }
        assertEquals(1001 + 2000, backend.length());
        byte[] content = backend.content();
        assertTrue(IntStream.range(1001, content.length).allMatch(i -> content[i] == 'a'));
    }

    @Test
    void aReadOnlyFileRefusesEveryChange() {
        backend = new MemoryBackend(100, false);
        FuseFile file = file(true);
        assertEquals(-Errno.EACCES.number(), file.open(O_RDWR, 0));
        long handle = file.open(O_RDONLY, 0);
        assertEquals(-Errno.EACCES.number(), file.write(handle, 0, text("a")));
        assertEquals(-Errno.EACCES.number(), file.truncate(handle, 5));
        assertEquals(-Errno.EACCES.number(), file.allocate(handle, 0, 0, 5));
        assertEquals(-Errno.EROFS.number(), file.chmod(0600));
        assertEquals(0, file.chmod(0400));
    }

    @Test
    void openingWithTruncationEmptiesOnlyAGrowableFile() {
        assertTrue(file(false).open(O_RDWR | O_TRUNC, 0) > 0);
        assertEquals(1001, backend.length());
        assertTrue(file(true).open(O_RDWR | O_TRUNC, 0) > 0);
        assertEquals(0, backend.length());
    }

    @Test
    void aFailedTruncationAtOpenLeavesNoHandle() {
        FuseFile file = file(true);
        backend.failure = Errno.ENOSPC;
        assertEquals(-Errno.ENOSPC.number(), file.open(O_RDWR | O_TRUNC, 0));
        assertEquals(List.of(), context.clients);
        assertEquals(0, file.openHandles());
    }

    @Test
    void truncationSetsAnyLengthUnlessTheNodeCannot() {
        FuseFile file = file(false);
        assertEquals(0, file.truncate(0, 13));
        assertEquals(13, attributes(file).size);
        assertEquals(0, file.truncate(0, 4097));
        assertEquals(4097, backend.length());
        backend.resizable = false;
        assertEquals(-Errno.EPERM.number(), file.truncate(0, 1));
        assertEquals(0, file.truncate(0, 4097));
    }

    @Test
    void allocationModes() {
        FuseFile file = file(false);
        assertEquals(1001, file.write(0, 0, ByteBuffer.wrap(new byte[1001])));
        assertEquals(0, file.allocate(0, 0, 900, 200));
        assertEquals(1100, backend.length());
        assertEquals("900+200", backend.lastPreallocation);
        assertEquals(0, file.allocate(0, PUNCH_HOLE | KEEP_SIZE, 1000, 500));
        assertEquals("1000+100 flags 0", backend.lastZero);
        assertEquals(-Errno.EINVAL.number(), file.allocate(0, PUNCH_HOLE, 0, 5));
        assertEquals(0, file.allocate(0, ZERO_RANGE | KEEP_SIZE, 1050, 100));
        assertEquals(1100, backend.length());
        assertEquals("1050+50 flags 2", backend.lastZero);
        assertEquals(0, file.allocate(0, ZERO_RANGE, 1050, 100));
        assertEquals(1150, backend.length());
        assertEquals(-Errno.EOPNOTSUPP.number(), file.allocate(0, 8, 0, 5));
        assertEquals(-Errno.EOPNOTSUPP.number(), file.allocate(0, KEEP_SIZE, 0, 5));
        assertEquals(-Errno.EINVAL.number(), file.allocate(0, 0, 0, 0));
        backend.resizable = false;
        assertEquals(-Errno.ENOSPC.number(), file.allocate(0, 0, 1149, 2));
    }

    @Test
    void errorsOfTheBackendReachTheClientAndOthersAreLoggedOnce() {
        FuseFile file = file(false);
        backend.failure = Errno.ENOSPC;
        assertEquals(-Errno.ENOSPC.number(), file.write(0, 0, text("a")));
        backend.failure = Errno.ESHUTDOWN;
        assertEquals(-Errno.ESHUTDOWN.number(), file.read(0, 0, ByteBuffer.allocate(1)));
        assertEquals(-Errno.ESHUTDOWN.number(), file.flush(0));
        assertEquals(List.of(), context.lines);
        backend.bug = new IllegalStateException("bug");
        assertEquals(-Errno.EIO.number(), file.read(0, 0, ByteBuffer.allocate(1)));
        assertEquals(-Errno.EIO.number(), file.read(0, 0, ByteBuffer.allocate(1)));
        assertEquals(1, context.lines.size(), context.lines.toString());
    }

    @Test
    void timesStayUntilSomethingChanges() {
        FuseFile file = file(false);
        now.set(2_000);
        file.read(0, 0, ByteBuffer.allocate(1));
        FileAttributes before = attributes(file);
        assertEquals(1_000, before.modifySeconds);
        assertEquals(7, before.modifyNanos);
        assertEquals(1_000, before.accessSeconds);
        file.write(0, 0, text("a"));
        assertEquals(2_000, attributes(file).modifySeconds);
        assertEquals(2_000, attributes(file).changeSeconds);
        assertEquals(1_000, attributes(file).accessSeconds);
    }

    @Test
    void timesCanBeSetOneByOne() {
        FuseFile file = file(false);
        now.set(3_000);
        assertEquals(0, file.utimens(-5, 6, 77, FuseFile.UTIME_OMIT));
        FileAttributes attributes = attributes(file);
        assertEquals(-5, attributes.accessSeconds);
        assertEquals(6, attributes.accessNanos);
        assertEquals(1_000, attributes.modifySeconds);
        assertEquals(3_000, attributes.changeSeconds);
        assertEquals(0, file.utimens(0, FuseFile.UTIME_OMIT, 0, FuseFile.UTIME_NOW));
        assertEquals(3_000, attributes(file).modifySeconds);
        assertEquals(-5, attributes(file).accessSeconds);
        assertEquals(-Errno.EINVAL.number(), file.utimens(0, 1_000_000_000, 0, 0));
    }

    @Test
    void rightsForOthersNeedAllowOther() {
        FuseFile alone = file(false, false);
        assertEquals(-Errno.EPERM.number(), alone.chmod(0640));
        assertEquals(-Errno.EPERM.number(), alone.chown(99, -1));
        assertEquals(0, alone.chown(12, -1));
        FuseFile shared = file(false, true);
        assertEquals(0, shared.chmod(0664));
        assertEquals(0, shared.chown(99, -1));
        assertEquals(0100664, attributes(shared).mode);
        assertEquals(99, attributes(shared).uid);
        assertEquals(34, attributes(shared).gid);
    }

    @Test
    void eachHandleIsAClientUntilItIsReleased() {
        FuseFile file = file(false);
        long first = file.open(O_RDWR, 4711);
        long second = file.open(O_RDWR, 4712);
        assertEquals(List.of("process 4711", "process 4712"), context.clients);
        assertEquals(0, file.release(first));
        assertEquals(List.of("process 4712"), context.clients);
        assertEquals(-Errno.EBADF.number(), file.release(first));
        assertEquals(-Errno.EBADF.number(), file.write(first, 0, text("a")));
        assertEquals(1, file.write(second, 0, text("a")));
        for (int i = 0; i < 40; i++) {
            assertTrue(file.open(O_RDONLY, i) > 0);
        }
        assertEquals(41, file.openHandles());
        file.releaseAll();
        assertEquals(List.of(), context.clients);
    }

    @Test
    void newClientsAreRefusedWhileItEnds() {
        FuseFile file = file(false);
        context.refuseClients = true;
        assertEquals(-Errno.ESHUTDOWN.number(), file.open(O_RDONLY, 0));
        context.refuseClients = false;
        long handle = file.open(O_RDONLY, 0);
        file.closeToNew();
        assertEquals(-Errno.ESHUTDOWN.number(), file.open(O_RDONLY, 0));
        assertEquals(1, file.read(handle, 0, ByteBuffer.allocate(1)));
    }

    @Test
    void seekFindsDataAndHoles() {
        backend = new MemoryBackend(4 * 4096, true);
        FuseFile file = file(false);
        file.write(0, 2 * 4096, text("data"));
        assertEquals(2 * 4096, file.seek(0, 0, 3));
        assertEquals(100, file.seek(0, 100, 4));
        assertEquals(3 * 4096, file.seek(0, 2 * 4096 + 5, 4));
        assertEquals(-Errno.ENXIO.number(), file.seek(0, 3 * 4096, 3));
        assertEquals(-Errno.ENXIO.number(), file.seek(0, 4 * 4096, 4));
        assertEquals(-Errno.EINVAL.number(), file.seek(0, 0, 0));
    }
}
