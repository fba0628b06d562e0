package io.diskport.fuse.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.Errno;
import io.diskport.fuse.testing.MemoryBackend;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each operation by its bytes. */
class OperationsTest {
    private static final int KEEP = 1 << 1;

    private static final int O_WRONLY = 1;
    private static final int O_RDWR = 2;
    private static final int O_TRUNC = 0x200;
    private static final int O_APPEND = 0x400;
    private static final int O_DIRECT =
            "aarch64".equals(System.getProperty("os.arch")) ? 0x10000 : 0x4000;

    private static final int FATTR_MODE = 1;
    private static final int FATTR_UID = 1 << 1;
    private static final int FATTR_GID = 1 << 2;
    private static final int FATTR_SIZE = 1 << 3;
    private static final int FATTR_ATIME = 1 << 4;
    private static final int FATTR_MTIME = 1 << 5;
    private static final int FATTR_FH = 1 << 6;
    private static final int FATTR_ATIME_NOW = 1 << 7;
    private static final int FATTR_MTIME_NOW = 1 << 8;
    private static final int FATTR_LOCKOWNER = 1 << 9;
    private static final int FATTR_CTIME = 1 << 10;
    private static final int FATTR_KILL_SUIDGID = 1 << 11;

    // places in struct fuse_setattr_in
    private static final int IN_FH = 8;
    private static final int IN_SIZE = 16;
    private static final int IN_ATIME = 32;
    private static final int IN_MTIME = 40;
    private static final int IN_CTIME = 48;
    private static final int IN_ATIMENSEC = 56;
    private static final int IN_MTIMENSEC = 60;
    private static final int IN_MODE = 68;
    private static final int IN_UID = 76;
    private static final int IN_GID = 80;

    // places in struct fuse_attr_out, whose attributes begin at 16
    private static final int OUT_SIZE = 24;
    private static final int OUT_ATIME = 40;
    private static final int OUT_MTIME = 48;
    private static final int OUT_CTIME = 56;
    private static final int OUT_ATIMENSEC = 64;
    private static final int OUT_MTIMENSEC = 68;
    private static final int OUT_MODE = 76;
    private static final int OUT_UID = 84;
    private static final int OUT_GID = 88;
    private static final int ATTR_OUT = 104;

    private final MemoryBackend backend = new MemoryBackend(10_001, true);
    private final Clock clock = Clock.fixed(Instant.ofEpochSecond(1_000, 7), ZoneOffset.UTC);
    private Bench bench = new Bench(backend, false, 64 << 10, 0, clock);

    private Bench with(MemoryBackend other, boolean growable, int backing) {
        bench.close();
        bench = new Bench(other, growable, 64 << 10, backing, clock);
        return bench;
    }

    private Bench growable() {
        return with(backend, true, 0);
    }

    @AfterEach
    void free() {
        bench.close();
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static byte[] text(String text) {
        return text.getBytes(UTF_8);
    }

    @Test
    void getattrTellsEveryField() {
        Reply reply = bench.succeed(ATTR_OUT, Request.getattr());
        assertEquals(0, reply.u64(0), "attr_valid");
        assertEquals(0, reply.u32(8), "attr_valid_nsec");
        assertEquals(0, reply.u32(12), "dummy");
        assertEquals(1, reply.u64(16), "ino");
        assertEquals(10_001, reply.u64(OUT_SIZE), "size");
        assertEquals(20, reply.u64(32), "blocks");
        assertEquals(1_000, reply.u64(OUT_ATIME), "atime");
        assertEquals(1_000, reply.u64(OUT_MTIME), "mtime");
        assertEquals(1_000, reply.u64(OUT_CTIME), "ctime");
        assertEquals(7, reply.u32(OUT_ATIMENSEC), "atimensec");
        assertEquals(7, reply.u32(OUT_MTIMENSEC), "mtimensec");
        assertEquals(7, reply.u32(72), "ctimensec");
        assertEquals(0100600, reply.u32(OUT_MODE), "mode");
        assertEquals(1, reply.u32(80), "nlink");
        assertEquals(12, reply.u32(OUT_UID), "uid");
        assertEquals(34, reply.u32(OUT_GID), "gid");
        assertEquals(0, reply.u32(92), "rdev");
        assertEquals(4096, reply.u32(96), "blksize");
        assertEquals(0, reply.u32(100), "flags");
    }

    @Test
    void getattrNeedsNoFieldsOfItsOwn() {
        bench.succeed(ATTR_OUT, new Request(Request.GETATTR));
    }

    @Test
    void repliesHaveNothingOfWhatWasInTheBuffer() {
        byte[] full = new byte[8192];
        Arrays.fill(full, (byte) 0xff);
        bench.succeed(8, Request.write(0, 0, full));
        Reply attributes = bench.succeed(ATTR_OUT, Request.getattr());
        assertEquals(0, attributes.u64(0), "attr_valid");
        assertEquals(0, attributes.u32(100), "flags");
        bench.succeed(8, Request.write(0, 0, full));
        Reply written = bench.succeed(8, Request.write(0, 0, full));
        assertEquals(0, written.u32(4), "padding");
        bench.succeed(8, Request.write(0, 0, full));
        Reply figures = bench.succeed(80, Request.statfs());
        assertArrayEquals(new byte[28], Arrays.copyOfRange(figures.body(), 52, 80), "spare");
    }

    @Test
    void setattrSetsTheMode() {
        Reply reply = bench.succeed(ATTR_OUT, Request.setattr(FATTR_MODE).at(IN_MODE, 0104751));
        assertEquals(0104751, reply.u32(OUT_MODE));
    }

    @Test
    void setattrSetsUserAndGroupOneByOne() {
        Reply reply =
                bench.succeed(ATTR_OUT, Request.setattr(FATTR_UID).at(IN_UID, 77).at(IN_GID, 88));
        assertEquals(77, reply.u32(OUT_UID));
        assertEquals(34, reply.u32(OUT_GID));
        reply = bench.succeed(ATTR_OUT, Request.setattr(FATTR_GID).at(IN_UID, 99).at(IN_GID, 88));
        assertEquals(77, reply.u32(OUT_UID));
        assertEquals(88, reply.u32(OUT_GID));
    }

    @Test
    void setattrSetsTheLengthWithAndWithoutAHandle() {
        Reply reply = bench.succeed(ATTR_OUT, Request.setattr(FATTR_SIZE).at(IN_SIZE, 5L));
        assertEquals(5, reply.u64(OUT_SIZE));
        long handle = open(O_RDWR).u64(0);
        int both = FATTR_SIZE | FATTR_FH;
        bench.succeed(ATTR_OUT, Request.setattr(both).at(IN_FH, handle).at(IN_SIZE, 700L));
        assertEquals(700, backend.length());
        bench.fail(Errno.EBADF, Request.setattr(both).at(IN_FH, 99L).at(IN_SIZE, 1L));
        assertEquals(700, backend.length());
        // Without the bit, the field is not a handle.
        bench.succeed(ATTR_OUT, Request.setattr(FATTR_SIZE).at(IN_FH, 99L).at(IN_SIZE, 1L));
        assertEquals(1, backend.length());
    }

    @Test
    void setattrSetsTimesOneByOne() {
        Request access =
                Request.setattr(FATTR_ATIME)
                        .at(IN_ATIME, -5L)
                        .at(IN_ATIMENSEC, 6)
                        .at(IN_MTIME, 1L)
                        .at(IN_MTIMENSEC, -1);
        Reply reply = bench.succeed(ATTR_OUT, access);
        assertEquals(-5, reply.u64(OUT_ATIME));
        assertEquals(6, reply.u32(OUT_ATIMENSEC));
        assertEquals(1_000, reply.u64(OUT_MTIME));
        Request modification =
                Request.setattr(FATTR_MTIME)
                        .at(IN_MTIME, 1L << 33)
                        .at(IN_MTIMENSEC, 999_999_999)
                        .at(IN_ATIMENSEC, -1);
        reply = bench.succeed(ATTR_OUT, modification);
        assertEquals(-5, reply.u64(OUT_ATIME));
        assertEquals(1L << 33, reply.u64(OUT_MTIME));
        assertEquals(999_999_999, reply.u32(OUT_MTIMENSEC));
    }

    @Test
    void setattrTakesThePresentForTimesThatShallBeNow() {
        bench.succeed(
                ATTR_OUT,
                Request.setattr(FATTR_ATIME | FATTR_MTIME).at(IN_ATIME, 3L).at(IN_MTIME, 4L));
        Reply reply =
                bench.succeed(
                        ATTR_OUT,
                        Request.setattr(FATTR_ATIME | FATTR_ATIME_NOW).at(IN_ATIMENSEC, 55));
        assertEquals(1_000, reply.u64(OUT_ATIME));
        assertEquals(7, reply.u32(OUT_ATIMENSEC));
        assertEquals(4, reply.u64(OUT_MTIME));
        reply =
                bench.succeed(
                        ATTR_OUT,
                        Request.setattr(FATTR_MTIME | FATTR_MTIME_NOW).at(IN_MTIMENSEC, 55));
        assertEquals(1_000, reply.u64(OUT_MTIME));
        assertEquals(7, reply.u32(OUT_MTIMENSEC));
    }

    @Test
    void setattrRefusesNanosecondsThatAreNone() {
        bench.fail(Errno.EINVAL, Request.setattr(FATTR_ATIME).at(IN_ATIMENSEC, 1_000_000_000));
        bench.fail(Errno.EINVAL, Request.setattr(FATTR_MTIME).at(IN_MTIMENSEC, -1));
    }

    @Test
    void setattrDoesNotTakeChangeTimesAndOwnersOfLocks() {
        Request request =
                Request.setattr(FATTR_CTIME | FATTR_LOCKOWNER)
                        .at(IN_CTIME, 5L)
                        .at(IN_SIZE, 5L)
                        .at(IN_MODE, 0777);
        Reply reply = bench.succeed(ATTR_OUT, request);
        assertEquals(1_000, reply.u64(OUT_CTIME));
        assertEquals(10_001, reply.u64(OUT_SIZE));
        assertEquals(0100600, reply.u32(OUT_MODE));
    }

    @Test
    void setattrTakesAwaySetUserAndSetGroup() {
        bench.succeed(ATTR_OUT, Request.setattr(FATTR_MODE).at(IN_MODE, 06755));
        Reply reply = bench.succeed(ATTR_OUT, Request.setattr(FATTR_KILL_SUIDGID));
        assertEquals(0100755, reply.u32(OUT_MODE));
        bench.succeed(ATTR_OUT, Request.setattr(FATTR_MODE).at(IN_MODE, 06745));
        Request owner = Request.setattr(FATTR_UID | FATTR_KILL_SUIDGID).at(IN_UID, 5);
        reply = bench.succeed(ATTR_OUT, owner);
        // Set-group-id without the group's right to execute means locking, not identity.
        assertEquals(0102745, reply.u32(OUT_MODE));
        assertEquals(5, reply.u32(OUT_UID));
    }

    @Test
    void setattrDoesEverythingThatItIsAskedForAtOnce() {
        Request all =
                Request.setattr(
                                FATTR_MODE
                                        | FATTR_UID
                                        | FATTR_GID
                                        | FATTR_SIZE
                                        | FATTR_ATIME
                                        | FATTR_MTIME
                                        | FATTR_MTIME_NOW
                                        | FATTR_KILL_SUIDGID)
                        .at(IN_MODE, 04640)
                        .at(IN_UID, 1)
                        .at(IN_GID, 2)
                        .at(IN_SIZE, 3L)
                        .at(IN_ATIME, 4L)
                        .at(IN_ATIMENSEC, 5);
        Reply reply = bench.succeed(ATTR_OUT, all);
        assertEquals(0100640, reply.u32(OUT_MODE));
        assertEquals(1, reply.u32(OUT_UID));
        assertEquals(2, reply.u32(OUT_GID));
        assertEquals(3, reply.u64(OUT_SIZE));
        assertEquals(4, reply.u64(OUT_ATIME));
        assertEquals(5, reply.u32(OUT_ATIMENSEC));
        assertEquals(1_000, reply.u64(OUT_MTIME));
    }

    @Test
    void setattrStopsAtTheFirstThatFails() {
        backend.resizable = false;
        Request request =
                Request.setattr(FATTR_SIZE | FATTR_ATIME | FATTR_KILL_SUIDGID)
                        .at(IN_SIZE, 3L)
                        .at(IN_ATIME, 4L);
        bench.fail(Errno.EPERM, request);
        assertEquals(1_000, bench.succeed(ATTR_OUT, Request.getattr()).u64(OUT_ATIME));
    }

    @Test
    void openAnswersAHandleAndHowTheFileIsUsed() {
        Reply buffered = open(O_RDWR);
        assertEquals(1, buffered.u64(0), "fh");
        assertEquals(KEEP, buffered.u32(8), "open_flags");
        assertEquals(0, buffered.u32(12), "backing_id");
        assertEquals(List.of("process 4711"), bench.context.clients);
        assertEquals(KEEP, open(O_WRONLY).u32(8));
        assertEquals(KEEP | 1 << 5, open(0).u32(8), "a reader has nothing to flush");
        assertEquals(KEEP | 1 | 1 << 6, open(O_RDWR | O_DIRECT).u32(8), "direct, in parallel");
        assertEquals(KEEP | 1 | 1 << 5 | 1 << 6, open(O_DIRECT).u32(8));
        assertEquals(5, bench.file.openHandles());
    }

    @Test
    void openHasTheKernelForgetWhatOthersHaveChanged() {
        assertEquals(KEEP, open(O_RDWR).u32(8));
        backend.changesByOthers = 1;
        assertEquals(0, open(O_RDWR).u32(8));
        assertEquals(0, open(O_RDWR).u32(8), "the first may not have taken effect yet");
    }

    @Test
    void openHasTheKernelForgetWhatWasWrittenPastItsCache() {
        assertEquals(KEEP, open(O_RDWR).u32(8));
        bench.succeed(8, Request.write(0, 0, 3, 0, O_DIRECT).raw(text("abc")));
        assertEquals(0, open(O_RDWR).u32(8));
    }

    @Test
    void openOfAReadOnlyFileHasTheKernelForgetWhatItHas() {
        with(new MemoryBackend(10, false), false, 0);
        assertEquals(1 << 5, open(0).u32(8));
    }

    @Test
    void openOfAFileThatTheKernelReadsSaysItsNumber() {
        with(backend, true, 42);
        Reply reply = open(O_RDWR | O_DIRECT);
        assertEquals(1 << 7, reply.u32(8));
        assertEquals(42, reply.u32(12));
        assertEquals(1 << 5 | 1 << 7, open(0).u32(8));
    }

    @Test
    void openTruncatesAFileThatGrows() {
        open(O_RDWR | O_TRUNC);
        assertEquals(10_001, backend.length());
        growable();
        open(O_RDWR | O_TRUNC);
        assertEquals(0, backend.length());
        assertEquals(List.of("OTHER", "end 0"), bench.waits);
    }

    @Test
    void openTakesAwaySetUserIfItIsTold() {
        bench.succeed(ATTR_OUT, Request.setattr(FATTR_MODE).at(IN_MODE, 04755));
        open(O_RDWR | O_TRUNC);
        assertEquals(0104755, bench.succeed(ATTR_OUT, Request.getattr()).u32(OUT_MODE));
        bench.succeed(16, Request.open(O_RDWR | O_TRUNC, 1));
        assertEquals(0100755, bench.succeed(ATTR_OUT, Request.getattr()).u32(OUT_MODE));
    }

    @Test
    void anOpenThatFailsChangesNothing() {
        growable();
        bench.succeed(ATTR_OUT, Request.setattr(FATTR_MODE).at(IN_MODE, 04755));
        backend.failure = Errno.ENOSPC;
        bench.fail(Errno.ENOSPC, Request.open(O_RDWR | O_TRUNC, 1));
        assertEquals(0, bench.file.openHandles());
        backend.failure = null;
        assertEquals(0104755, bench.succeed(ATTR_OUT, Request.getattr()).u32(OUT_MODE));
        with(new MemoryBackend(5, false), false, 0);
        bench.fail(Errno.EACCES, Request.open(O_RDWR, 0));
    }

    private Reply open(int flags) {
        return bench.succeed(16, Request.open(flags, 0));
    }

    @Test
    void readAnswersWithWhatThereIs() {
        byte[] data = random(10_001);
        bench.succeed(8, Request.write(0, 0, data));
        assertArrayEquals(data, bench.succeed(10_001, Request.read(0, 0, 65_536)).body());
        assertArrayEquals(
                Arrays.copyOfRange(data, 5, 4101),
                bench.succeed(4096, Request.read(0, 5, 4096)).body());
        assertArrayEquals(
                Arrays.copyOfRange(data, 10_000, 10_001),
                bench.succeed(1, Request.read(0, 10_000, 4096)).body());
        bench.succeed(0, Request.read(0, 10_001, 1));
        bench.succeed(0, Request.read(0, Long.MAX_VALUE, 65_536));
        bench.succeed(0, Request.read(0, 0, 0));
    }

    @Test
    void readRefusesWhatItCannotDo() {
        bench.fail(Errno.EINVAL, Request.read(0, 0, 65_537));
        bench.fail(Errno.EINVAL, Request.read(0, 0, -1));
        bench.fail(Errno.EINVAL, Request.read(0, 0, Integer.MIN_VALUE));
        bench.fail(Errno.EINVAL, Request.read(0, -1, 10));
        bench.fail(Errno.EBADF, Request.read(99, 0, 10));
    }

    @Test
    void writeWritesAndSaysHowMuch() {
        Reply reply = bench.succeed(8, Request.write(0, 3, text("abc")));
        assertEquals(3, reply.u32(0));
        assertArrayEquals(text("\0\0\0abc\0"), Arrays.copyOf(backend.content(), 7));
    }

    @Test
    void writeIsShortWhereTheFileEnds() {
        assertEquals(1, bench.succeed(8, Request.write(0, 10_000, text("abc"))).u32(0));
        assertEquals(0, bench.succeed(8, Request.write(0, 10_001, text("abc"))).u32(0));
        assertEquals(10_001, backend.length());
        growable();
        assertEquals(3, bench.succeed(8, Request.write(0, 10_000, text("abc"))).u32(0));
        assertEquals(10_003, backend.length());
    }

    @Test
    void writeTakesNoMoreThanItsSizeOfWhatCame() {
        Request longer = Request.write(0, 0, 2, 0, 0).raw(text("abc"));
        assertEquals(2, bench.succeed(8, longer).u32(0));
        assertArrayEquals(text("ab\0"), Arrays.copyOf(backend.content(), 3));
    }

    @Test
    void writeRefusesWhatItCannotDo() {
        bench.fail(Errno.EINVAL, Request.write(0, 0, 4, 0, 0).raw(text("abc")));
        bench.fail(Errno.EINVAL, Request.write(0, 0, -1, 0, 0).raw(text("abc")));
        bench.fail(Errno.EINVAL, Request.write(0, 0, Integer.MAX_VALUE, 0, 0));
        bench.fail(Errno.EFBIG, Request.write(0, -1, text("abc")));
        bench.fail(Errno.EFBIG, Request.write(0, Long.MAX_VALUE, text("abc")));
        bench.fail(Errno.EBADF, Request.write(99, 0, text("abc")));
        assertArrayEquals(new byte[10_001], backend.content());
        with(new MemoryBackend(5, false), true, 0);
        bench.fail(Errno.EACCES, Request.write(0, 0, text("abc")));
    }

    @Test
    void writeAppendsWhereTheFileEndsByNow() {
        growable();
        backend.inline = true;
        // The kernel's idea of the end is older than the file's.
        Request append = Request.write(0, 5, 3, 0, O_WRONLY | O_APPEND).raw(text("abc"));
        assertEquals(3, bench.succeed(8, append).u32(0));
        assertEquals(10_004, backend.length());
        assertArrayEquals(text("abc"), Arrays.copyOfRange(backend.content(), 10_001, 10_004));
        assertEquals(0, backend.content()[5]);
    }

    @Test
    void directWriteOfAnAppenderGoesWhereItSays() {
        growable();
        // Large ones come in pieces, in any order.
        bench.succeed(8, Request.write(0, 10_004, 3, 0, O_APPEND | O_DIRECT).raw(text("def")));
        bench.succeed(8, Request.write(0, 10_001, 3, 0, O_APPEND | O_DIRECT).raw(text("abc")));
        assertArrayEquals(text("abcdef"), Arrays.copyOfRange(backend.content(), 10_001, 10_007));
    }

    @Test
    void writeFromTheCacheOfAnAppenderGoesWhereItSays() {
        growable();
        Request cached = Request.write(0, 5, 3, 1, O_WRONLY | O_APPEND).raw(text("abc"));
        assertEquals(3, bench.succeed(8, cached).u32(0));
        assertEquals(10_001, backend.length());
        assertEquals('a', backend.content()[5]);
    }

    @Test
    void appendingToAFileThatDoesNotGrowHasNoRoom() {
        Request append = Request.write(0, 10_001, 3, 0, O_APPEND).raw(text("abc"));
        assertEquals(0, bench.succeed(8, append).u32(0));
        Request inside = Request.write(0, 5, 3, 0, O_APPEND).raw(text("abc"));
        assertEquals(3, bench.succeed(8, inside).u32(0));
        assertEquals(10_001, backend.length());
    }

    @Test
    void writeTakesAwaySetUserAndSetGroupIfItIsTold() {
        bench.succeed(ATTR_OUT, Request.setattr(FATTR_MODE).at(IN_MODE, 06777));
        bench.succeed(8, Request.write(0, 0, 1, 1, 0).raw(text("a")));
        bench.succeed(8, Request.write(0, 0, 1, 2, 0).raw(text("a")));
        assertEquals(0106777, bench.succeed(ATTR_OUT, Request.getattr()).u32(OUT_MODE));
        bench.succeed(8, Request.write(0, 0, 1, 1 << 2, 0).raw(text("a")));
        assertEquals(0100777, bench.succeed(ATTR_OUT, Request.getattr()).u32(OUT_MODE));
    }

    @Test
    void statfsTellsAFileSystemThatIsFull() {
        Reply reply = bench.succeed(80, Request.statfs().node(0));
        assertEquals(3, reply.u64(0), "blocks");
        assertEquals(0, reply.u64(8), "bfree");
        assertEquals(0, reply.u64(16), "bavail");
        assertEquals(1, reply.u64(24), "files");
        assertEquals(0, reply.u64(32), "ffree");
        assertEquals(4096, reply.u32(40), "bsize");
        assertEquals(255, reply.u32(44), "namelen");
        assertEquals(4096, reply.u32(48), "frsize");
        with(new MemoryBackend(8192, true), false, 0);
        assertEquals(2, bench.succeed(80, Request.statfs()).u64(0), "blocks");
    }

    @Test
    void releaseClosesAHandleOnce() {
        long handle = open(O_RDWR).u64(0);
        bench.succeed(0, Request.release(handle));
        assertEquals(List.of(), bench.context.clients);
        bench.fail(Errno.EBADF, Request.release(handle));
        bench.fail(Errno.EBADF, Request.release(0));
        bench.fail(Errno.EBADF, Request.release(-1));
        bench.fail(Errno.EBADF, Request.release((1L << 32) + 1));
    }

    @Test
    void fsyncAndFlushReachTheNode() {
        long handle = open(O_RDWR).u64(0);
        bench.succeed(0, Request.fsync(handle));
        assertEquals(1, backend.flushes.get());
        bench.succeed(0, Request.flush(handle));
        assertEquals(2, backend.flushes.get());
        bench.fail(Errno.EBADF, Request.fsync(99));
        bench.fail(Errno.EBADF, Request.flush(99));
        backend.failure = Errno.EDQUOT;
        bench.fail(Errno.EDQUOT, Request.fsync(handle));
        bench.fail(Errno.EDQUOT, Request.flush(handle));
    }

    @Test
    void fallocateHasTheModesOfABlockExport() {
        bench.succeed(8, Request.write(0, 0, random(10_001)));
        bench.succeed(0, Request.fallocate(0, 0, 10_000, 100));
        assertEquals("10000+100", backend.lastPreallocation);
        assertEquals(10_100, backend.length());
        bench.succeed(0, Request.fallocate(0, 1 | 2, 4096, 4096));
        assertTrue(backend.lastZero.startsWith("4096+4096"), backend.lastZero);
        bench.succeed(0, Request.fallocate(0, 1 | 0x10, 10_000, 500));
        assertEquals(10_100, backend.length());
        bench.succeed(0, Request.fallocate(0, 0x10, 10_000, 500));
        assertEquals(10_500, backend.length());
        bench.fail(Errno.EINVAL, Request.fallocate(0, 2, 0, 1));
        bench.fail(Errno.EOPNOTSUPP, Request.fallocate(0, 1, 0, 1));
        bench.fail(Errno.EOPNOTSUPP, Request.fallocate(0, 8, 0, 1));
        bench.fail(Errno.EOPNOTSUPP, Request.fallocate(0, -1, 0, 1));
        bench.fail(Errno.EINVAL, Request.fallocate(0, 0, 0, 0));
        bench.fail(Errno.EINVAL, Request.fallocate(0, 0, -1, 1));
        bench.fail(Errno.EFBIG, Request.fallocate(0, 0, Long.MAX_VALUE, 1));
        bench.fail(Errno.EBADF, Request.fallocate(99, 0, 0, 1));
    }

    @Test
    void lseekFindsDataAndHoles() {
        bench.succeed(8, Request.write(0, 4096, text("abc")));
        assertEquals(4096, bench.succeed(8, Request.lseek(0, 5, 3)).u64(0));
        assertEquals(5, bench.succeed(8, Request.lseek(0, 5, 4)).u64(0));
        assertEquals(8192, bench.succeed(8, Request.lseek(0, 4097, 4)).u64(0));
        bench.fail(Errno.ENXIO, Request.lseek(0, 8192, 3));
        bench.fail(Errno.ENXIO, Request.lseek(0, -1, 4));
        bench.fail(Errno.EINVAL, Request.lseek(0, 0, 0));
        bench.fail(Errno.EBADF, Request.lseek(99, 0, 3));
    }

    @Test
    void offsetsBeyondTwoGigabytesAreNotErrors() {
        MemoryBackend large = new MemoryBackend(10, true);
        with(large, false, 0);
        bench.fail(Errno.ENXIO, Request.lseek(0, 0xffff_ffffL, 3));
        bench.succeed(0, Request.read(0, 0xffff_ffff_ffL, 10));
        assertEquals(0, bench.succeed(8, Request.write(0, 0x8000_0000L, text("a"))).u32(0));
    }

    @Test
    void copyFileRangeCopiesPieceByPiece() {
        int length = 3 * (64 << 10) + 77;
        MemoryBackend large = new MemoryBackend(2 * length, true);
        with(large, false, 0);
        byte[] data = random(length);
        for (int done = 0; done < length; done += 64 << 10) {
            int piece = Math.min(64 << 10, length - done);
            byte[] part = Arrays.copyOfRange(data, done, done + piece);
            bench.succeed(8, Request.write(0, done, part));
        }
        assertEquals(length, bench.succeed(8, Request.copy(0, length, length)).u32(0));
        assertArrayEquals(data, Arrays.copyOfRange(large.content(), length, 2 * length));
    }

    @Test
    void copyFileRangeIsShortWhereTheFileEnds() {
        bench.succeed(8, Request.write(0, 9_998, text("abc")));
        assertEquals(3, bench.succeed(8, Request.copy(9_998, 0, 100)).u32(0), "source");
        assertArrayEquals(text("abc\0"), Arrays.copyOf(backend.content(), 4));
        assertEquals(2, bench.succeed(8, Request.copy(0, 9_999, 100)).u32(0), "destination");
        assertEquals(0, bench.succeed(8, Request.copy(10_001, 0, 100)).u32(0));
        assertEquals(0, bench.succeed(8, Request.copy(0, 5, 0)).u32(0));
        growable();
        assertEquals(3, bench.succeed(8, Request.copy(0, 10_001, 3)).u32(0));
        assertEquals(10_004, backend.length());
    }

    @Test
    void copyFileRangeTakesNoLongTimeForOneRequest() {
        MemoryBackend large = new MemoryBackend(65 << 20, true);
        with(large, false, 0);
        // The kernel's largest wish; source and destination are the same, so that it fits.
        assertEquals(64 << 20, bench.succeed(8, Request.copy(0, 0, Long.MAX_VALUE)).u32(0));
    }

    @Test
    void copyFileRangeSaysWhatWasCopiedBeforeAFailure() {
        growable();
        bench.succeed(ATTR_OUT, Request.setattr(FATTR_SIZE).at(IN_SIZE, 70_000L));
        backend.mostLength = 70_000;
        assertEquals(60_000, bench.succeed(8, Request.copy(0, 10_000, 69_000)).u32(0));
        bench.fail(Errno.ENOSPC, Request.copy(0, 70_000, 1));
        backend.failure = Errno.EIO;
        bench.fail(Errno.EIO, Request.copy(0, 1, 1));
    }

    @Test
    void copyFileRangeRefusesWhatItCannotDo() {
        bench.fail(Errno.EINVAL, Request.copy(0, 0, 1).at(16, 2L));
        bench.fail(Errno.EINVAL, Request.copy(-1, 0, 1));
        bench.fail(Errno.EINVAL, Request.copy(0, -1, 1));
        bench.fail(Errno.EINVAL, Request.copy(0, 0, -1));
        bench.fail(Errno.EBADF, Request.copy(0, 0, 1).at(0, 99L));
        bench.fail(Errno.EBADF, Request.copy(0, 0, 1).at(24, 99L));
        bench.fail(Errno.EFBIG, Request.copy(0, Long.MAX_VALUE, 1));
    }

    @Test
    void whatIsNotSupportedIsSaidSoThatTheKernelDoesNotAskAgain() {
        bench.fail(Errno.ENOSYS, new Request(Request.GETXATTR).u32(16).u32(0).raw(text("a\0")));
        bench.fail(Errno.ENOSYS, new Request(Request.INTERRUPT).u64(8));
        bench.fail(Errno.ENOSYS, new Request(Request.INTERRUPT).u64(8).node(0));
        for (int opcode : new int[] {0, 1, 5, 21, 23, 24, 31, 38, 39, 40, 45, 49, 63, 4096, -1}) {
            bench.fail(Errno.ENOSYS, new Request(opcode).raw(64));
        }
    }

    @Test
    void forgettingAndAnswersToNotificationsHaveNoReply() {
        assertTrue(bench.serve(new Request(Request.FORGET).u64(1).bytes()).isEmpty());
        assertTrue(bench.serve(new Request(Request.BATCH_FORGET).raw(24).bytes()).isEmpty());
        assertTrue(bench.serve(new Request(Request.NOTIFY_REPLY).raw(40).bytes()).isEmpty());
        assertTrue(bench.serve(new Request(Request.FORGET).bytes()).isEmpty());
        assertTrue(bench.serve(new Request(Request.FORGET).node(7).u64(1).bytes()).isEmpty());
        bench.succeed(0, Request.read(0, 0, 0));
    }

    @Test
    void thereIsOneInode() {
        for (Request request : all()) {
            int opcode = request.bytes()[4];
            if (opcode != Request.STATFS) {
                bench.fail(Errno.ENOENT, request.node(2));
                bench.fail(Errno.ENOENT, request.node(0));
                bench.fail(Errno.ENOENT, request.node(1L << 32 | 1));
            }
        }
        assertEquals(List.of(), bench.waits);
    }

    @Test
    void aRequestThatLacksOneByteIsRefused() {
        for (Request request : all()) {
            int opcode = request.bytes()[4];
            if (opcode == Request.GETATTR || opcode == Request.STATFS) {
                continue; // have no fields, or none that are needed
            }
            Reply reply = bench.serve(request.bytes(request.length() - 1)).orElseThrow();
            assertEquals(-Errno.EINVAL.number(), reply.error(), "opcode " + opcode);
            assertEquals(request.unique(), reply.unique());
            // The same by a header that says less than came.
            byte[] lie = request.bytes();
            lie[0]--;
            reply = bench.serve(lie).orElseThrow();
            assertEquals(-Errno.EINVAL.number(), reply.error(), "opcode " + opcode);
        }
        assertEquals(List.of(), bench.waits);
        assertArrayEquals(new byte[10_001], backend.content());
    }

    @Test
    void aHeaderThatSaysMoreThanCameIsNotBelieved() {
        byte[] lie = Request.write(0, 0, 5, 0, 0).raw(text("abc")).bytes();
        lie[1] = 127;
        lie[2] = 1;
        Reply reply = bench.serve(lie).orElseThrow();
        assertEquals(-Errno.EINVAL.number(), reply.error());
        // The smallest numbers: nothing below them may wrap around.
        for (int length = Integer.MIN_VALUE; length < Integer.MIN_VALUE + 90; length++) {
            byte[] negative = Request.write(0, 0, text("abc")).bytes();
            ByteBuffer.wrap(negative).order(ByteOrder.nativeOrder()).putInt(0, length);
            reply = bench.serve(negative).orElseThrow();
            assertEquals(-Errno.EINVAL.number(), reply.error(), "len " + length);
        }
    }

    @Test
    void whatIsShorterThanAHeaderCannotBeAnswered() {
        assertTrue(bench.serve(Request.getattr().bytes(39)).isEmpty());
        assertTrue(bench.serve(new byte[1]).isEmpty());
        assertTrue(bench.serve(Request.getattr().bytes(40)).isPresent());
    }

    private static List<Request> all() {
        return List.of(
                Request.getattr(),
                Request.setattr(0),
                Request.open(0, 0),
                Request.read(0, 0, 10),
                Request.write(0, 0, text("abc")),
                Request.write(0, 0, 0, 0, 0),
                Request.statfs(),
                Request.release(1),
                Request.fsync(0),
                Request.flush(0),
                Request.fallocate(0, 0, 0, 1),
                Request.lseek(0, 0, 3),
                Request.copy(0, 0, 1));
    }

    @Test
    void anErrorThatTheKernelWouldNotTakeIsAnInputOutputError() {
        // The kernel refuses a reply with such an error, and its client would wait for ever.
        for (int error : new int[] {1, 512, 4095, Integer.MAX_VALUE}) {
            bench.buffer.reply(error);
            assertEquals(-5, bench.buffer.error());
            bench.buffer.reply(-error);
            assertEquals(error == 1 ? -1 : -5, bench.buffer.error());
        }
        bench.buffer.reply(Integer.MIN_VALUE);
        assertEquals(-5, bench.buffer.error());
        bench.buffer.reply(-511);
        assertEquals(-511, bench.buffer.error());
        assertEquals(16, bench.buffer.replyLength());
    }

    @Test
    void everyErrorOfANodeReachesTheClient() {
        for (Errno errno : Errno.values()) {
            backend.failure = errno;
            bench.fail(errno, Request.read(0, 0, 10));
            bench.fail(errno, Request.fsync(0));
        }
        backend.failure = null;
        backend.bug = new IllegalStateException("bug");
        bench.fail(Errno.EIO, Request.read(0, 0, 10));
        bench.fail(Errno.EIO, Request.write(0, 0, text("abc")));
        bench.fail(Errno.EIO, Request.fallocate(0, 3, 0, 10));
    }

    @Test
    void whatMayWaitSaysSoAndSaysWhenItIsOver() {
        for (Errno failure : new Errno[] {null, Errno.ENOSPC}) {
            backend.failure = failure;
            assertEquals(List.of("READ", "end 512"), waits(Request.read(0, 0, 512)));
            assertEquals(List.of("WRITE", "end 3"), waits(Request.write(0, 0, text("abc"))));
            assertEquals(
                    List.of("WRITE", "end 1"),
                    waits(Request.write(0, 0, 1, 0, O_APPEND).raw(text("a"))));
            assertEquals(List.of("OTHER", "end 0"), waits(Request.fsync(0)));
            assertEquals(List.of("OTHER", "end 0"), waits(Request.flush(0)));
            assertEquals(List.of("OTHER", "end 0"), waits(Request.fallocate(0, 3, 0, 9)));
            assertEquals(List.of("OTHER", "end 0"), waits(Request.lseek(0, 0, 4)));
            long size = failure == null ? 100 : 200;
            Request truncate = Request.setattr(FATTR_SIZE).at(IN_SIZE, size);
            assertEquals(List.of("OTHER", "end 0"), waits(truncate));
            assertEquals(List.of("OTHER", "end 0"), waits(Request.open(O_RDWR | O_TRUNC, 0)));
            assertEquals(2, waits(Request.copy(0, 1, 1)).size());
        }
        backend.failure = null;
        backend.bug = new IllegalStateException("bug");
        assertEquals(List.of("READ", "end 10"), waits(Request.read(0, 0, 10)));
    }

    @Test
    void whatDoesNotWaitSaysNothing() {
        assertEquals(List.of(), waits(Request.getattr()));
        assertEquals(List.of(), waits(Request.setattr(FATTR_MODE).at(IN_MODE, 0600)));
        assertEquals(List.of(), waits(Request.statfs()));
        assertEquals(List.of(), waits(Request.open(O_RDWR, 0)));
        assertEquals(List.of(), waits(Request.release(1)));
        assertEquals(List.of(), waits(new Request(Request.GETXATTR)));
        assertEquals(List.of(), waits(Request.read(0, 0, 1 << 20)));
        assertEquals(List.of(), waits(Request.write(0, 0, 1 << 20, 0, 0)));
        assertEquals(List.of(), waits(Request.read(0, 20_000, 512)), "beyond the end");
        backend.inline = true;
        assertEquals(List.of(), waits(Request.read(0, 0, 512)));
        assertEquals(List.of(), waits(Request.write(0, 0, text("abc"))));
        backend.failure = Errno.EIO;
        assertEquals(List.of(), waits(Request.read(0, 0, 512)));
    }

    private List<String> waits(Request request) {
        bench.waits.clear();
        bench.answer(request);
        return List.copyOf(bench.waits);
    }
}
