package io.diskport.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import io.diskport.api.BlockException;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.DiscardMode;
import io.diskport.api.node.Extent;
import io.diskport.api.node.FileLease;
import io.diskport.api.node.RequestFlags;
import io.diskport.api.options.OnOffAuto;
import io.diskport.natives.FileSystemStatus;
import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.LibcHost;
import io.diskport.natives.NativeMemory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The node with native calls: what the other engine does, and what only this one can. */
class NativeFileNodeTest extends FileNodeTests {
    private static final int MIB = 1 << 20;
    private static final long EXT4 = 0xef53;

    @Override
    FileOpener opener() {
        return new NativeFileOpener();
    }

    @Test
    void tellsDataFromHoles() throws Exception {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(0);
            file.setLength(8 * MIB + 5);
            file.seek(2 * MIB);
            file.write(random(MIB, 1));
        }
        BlockNode node = open(TestContext.writable());
        assertEquals(Extent.hole(2 * MIB), node.status(0, 100 * MIB));
        assertEquals(Extent.hole(10), node.status(0, 10));
        assertEquals(Extent.hole(1), node.status(2 * MIB - 1, 100));
        assertEquals(Extent.data(MIB), node.status(2 * MIB, 100 * MIB));
        assertEquals(Extent.data(7), node.status(2 * MIB + 3, 7));
        assertEquals(Extent.hole(5 * MIB + 5), node.status(3 * MIB, 5 * MIB + 5));
        assertEquals(MIB, node.allocatedLength());
        // shortened by somebody else: what is missing is a hole
        Files.newByteChannel(path, java.nio.file.StandardOpenOption.WRITE).truncate(MIB).close();
        assertEquals(Extent.hole(6 * MIB), node.status(2 * MIB, 6 * MIB));
    }

    @Test
    void discardFreesAndZeroesFreeOnlyWhereTold() throws Exception {
        Files.write(path, random(4 * MIB, 1));
        BlockNode unmap = open(TestContext.with(false, DiscardMode.UNMAP));
        unmap.flush();
        assertEquals(4 * MIB, unmap.allocatedLength());
        unmap.discard(0, MIB, 0);
        assertEquals(3 * MIB, unmap.allocatedLength());
        unmap.writeZeroes(MIB, MIB, RequestFlags.NO_FALLBACK);
        assertEquals(2 * MIB, unmap.allocatedLength());
        assertEquals(Extent.hole(2 * MIB), unmap.status(0, 4 * MIB));
        unmap.writeZeroes(2 * MIB, MIB, RequestFlags.NO_UNMAP);
        assertEquals(2 * MIB, unmap.allocatedLength());
        assertArrayEquals(new byte[3 * MIB], read(unmap, 0, 3 * MIB));
    }

    @Test
    void preallocates() throws Exception {
        BlockNode node = open(TestContext.writable());
        node.truncate(8 * MIB);
        node.preallocate(4 * MIB, 4 * MIB);
        assertTrue(node.allocatedLength() >= 4 * MIB);
        assertEquals(8 * MIB, node.length());
    }

    /** An attempt to read 4096 bytes at 8192. */
    private interface Attempt {
        boolean of(BlockNode node) throws IOException;
    }

    @Test
    void attemptsToReadWaitForNothing() throws Exception {
        needsExt4();
        ByteBuffer direct = ByteBuffer.allocateDirect(4096);
        ByteBuffer heap = ByteBuffer.allocate(4096);
        ByteBuffer[] several = {ByteBuffer.allocateDirect(4096)};
        for (Attempt attempt :
                List.<Attempt>of(
                        node -> node.tryRead(8192, direct),
                        node -> node.tryRead(8192, heap),
                        node -> node.tryRead(8192, several, 0, 1))) {
            assertLeavesUncached(attempt, direct, heap, several[0]);
            assertTakesCached(attempt);
            ByteBuffer filled =
                    Stream.of(direct, heap, several[0])
                            .filter(buffer -> buffer.position() == 4096)
                            .findFirst()
                            .orElseThrow();
            assertEquals(ByteBuffer.wrap(random(LENGTH, 1), 8192, 4096), filled.flip());
        }
    }

    /** The kernel does not always let go of pages when asked to, but mostly. */
    private void assertLeavesUncached(Attempt attempt, ByteBuffer... untouched) throws Exception {
        for (int i = 0; i < 50; i++) {
            Files.delete(path);
            makeFile();
            for (ByteBuffer buffer : untouched) {
                buffer.clear();
            }
            try (BlockNode node = open(TestContext.writable())) {
                node.flush();
                int fd = node.leaseFile(false, () -> {}).orElseThrow().descriptor();
                assertEquals(0, Libc.fadvise(fd, 0, 0, LibcConstants.POSIX_FADV_DONTNEED));
                if (!attempt.of(node)) {
                    for (ByteBuffer buffer : untouched) {
                        assertEquals(0, buffer.position());
                    }
                    return;
                }
            }
        }
        fail("it read what was not in the page cache");
    }

    /** Reading ahead of what was asked for may still be under way at the first attempt. */
    private void assertTakesCached(Attempt attempt) throws Exception {
        try (BlockNode node = open(TestContext.writable())) {
            for (int i = 0; i < 50; i++) {
                read(node, 0, 65536);
                if (attempt.of(node)) {
                    return;
                }
            }
        }
        fail("it left what was in the page cache");
    }

    @Test
    void attemptsToWriteWriteAllOrLeaveIt() throws Exception {
        BlockNode node = open(TestContext.writable());
        for (ByteBuffer data :
                new ByteBuffer[] {direct(random(4096, 3)), ByteBuffer.wrap(random(4096, 3))}) {
            int start = data.position();
            boolean done = node.tryWrite(4096, 0, data);
            assertEquals(done ? start + 4096 : start, data.position());
            if (done) {
                assertArrayEquals(random(4096, 3), read(node, 4096, 4096));
            }
        }
        assertFalse(node.tryWrite(0, RequestFlags.FUA, direct(random(4096, 4))));
    }

    @Test
    void inMemoryNothingHasToBeWaitedFor() throws Exception {
        Path shared = Path.of("/dev/shm");
        Needs.that(Files.isWritable(shared), "/dev/shm");
        Path file = Files.createTempFile(shared, "diskport", ".raw");
        try {
            Files.write(file, random(LENGTH, 2));
            BlockNode node = open(TestContext.writable(), file, OnOffAuto.AUTO);
            ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
            assertTrue(node.tryRead(0, buffer));
            assertEquals(ByteBuffer.wrap(random(4096, 2)), buffer.flip());
            assertTrue(node.tryWrite(4096, 0, buffer));
            assertTrue(node.tryWrite(8192, 0, new ByteBuffer[] {buffer.flip()}, 0, 1));
            assertArrayEquals(random(4096, 2), read(node, 4096, 4096));
            assertArrayEquals(random(4096, 2), read(node, 8192, 4096));
        } finally {
            Files.delete(file);
        }
    }

    private void needsExt4() {
        FileSystemStatus status = new FileSystemStatus();
        int fd = Libc.open(folder.toString(), LibcConstants.O_RDONLY, 0);
        Libc.fstatfs(fd, status);
        Libc.close(fd);
        Needs.that(status.type() == EXT4, "ext4 under the folder for temporary files");
    }

    @Test
    void leasesEndWithTheNode() throws Exception {
        BlockNode node = open(TestContext.writable());
        AtomicInteger revoked = new AtomicInteger();
        FileLease returned = node.leaseFile(true, revoked::incrementAndGet).orElseThrow();
        returned.close();
        returned.close();
        FileLease kept = node.leaseFile(true, revoked::incrementAndGet).orElseThrow();
        assertEquals(0, kept.offset());
        assertEquals(LENGTH, kept.length());
        assertTrue(kept.writable());
        ByteBuffer first = ByteBuffer.allocateDirect(1);
        long address = NativeMemory.address(first);
        assertEquals(1, Libc.pread(kept.descriptor(), address, 1, 0));
        assertEquals(0, revoked.get());
        node.close();
        assertEquals(1, revoked.get());
    }

    @Test
    void aLentFileThatGrowsIsNeverCut() throws Exception {
        BlockNode node = open(TestContext.writable());
        FileLease lease = node.leaseFile(true, () -> {}).orElseThrow();
        assertEquals(0, Libc.ftruncate(lease.descriptor(), LENGTH + 10_000));
        assertEquals(LENGTH, node.length());
        node.truncate(LENGTH + 1);
        assertEquals(LENGTH + 10_000, node.length());
        assertEquals(0, Libc.ftruncate(lease.descriptor(), LENGTH + 20_000));
        node.refreshLength();
        assertEquals(LENGTH + 20_000, node.length());
        node.truncate(LENGTH + 20_001);
        assertEquals(LENGTH + 20_001, Files.size(path));
        node.truncate(LENGTH);
        assertEquals(LENGTH, Files.size(path), "to make it shorter is another matter");
        node.close();
    }

    @Test
    void leasesAreNotGivenForMoreThanTheNodeCan() throws Exception {
        assertTrue(open(TestContext.readOnly()).leaseFile(true, () -> {}).isEmpty());
        assertTrue(open(TestContext.readOnly()).leaseFile(false, () -> {}).isPresent());
        assertTrue(open(true).leaseFile(false, () -> {}).isEmpty());
    }

    @Test
    void aDeadMountInTheWayIsNamed() throws Exception {
        Needs.root();
        int fuse = Libc.open("/dev/fuse", LibcConstants.O_RDWR | LibcConstants.O_CLOEXEC, 0);
        Needs.that(fuse >= 0, "/dev/fuse");
        String options = "fd=" + fuse + ",rootmode=100000,user_id=0,group_id=0";
        assertEquals(0, LibcHost.mount("test", path.toString(), "fuse", 0, options));
        Libc.close(fuse);
        try {
            BlockException e =
                    assertThrows(BlockException.class, () -> open(TestContext.autoReadOnly()));
            assertTrue(
                    e.getMessage()
                            .startsWith(
                                    "Could not open '"
                                            + path
                                            + "': Transport endpoint is not connected ("),
                    e.getMessage());
        } finally {
            LibcHost.umount2(path.toString(), LibcConstants.MNT_DETACH);
        }
    }

    @Test
    void aMountOverThePathDoesNotMatter() throws Exception {
        Needs.root();
        BlockNode node = open(true);
        int fuse = Libc.open("/dev/fuse", LibcConstants.O_RDWR | LibcConstants.O_CLOEXEC, 0);
        Needs.that(fuse >= 0, "/dev/fuse");
        String options = "fd=" + fuse + ",rootmode=100000,user_id=0,group_id=0";
        assertEquals(0, LibcHost.mount("test", path.toString(), "fuse", 0, options));
        try {
            // nobody answers this mount: any use of the path would wait for ever
            byte[] data = random(LENGTH + 1, 4);
            node.truncate(LENGTH + 1);
            node.write(0, RequestFlags.FUA, direct(data));
            assertArrayEquals(data, read(node, 0, LENGTH + 1));
            node.flush();
            assertTrue(node.allocatedLength() > 0);
            node.close();
        } finally {
            LibcHost.umount2(path.toString(), LibcConstants.MNT_DETACH);
            Libc.close(fuse);
        }
    }

    @Test
    void aBlockDeviceIsANode() throws Exception {
        Needs.root();
        Needs.tool("losetup");
        Files.write(path, random(4 * MIB, 1));
        Needs.Result made = Needs.run("losetup", "-f", "--show", path.toString());
        Needs.that(made.status() == 0, "a loop device (" + made.output().trim() + ")");
        Path device = Path.of(made.output().trim());
        try {
            for (boolean direct : new boolean[] {false, true}) {
                BlockNode node =
                        open(TestContext.with(direct, DiscardMode.UNMAP), device, OnOffAuto.AUTO);
                assertEquals(4 * MIB, node.length());
                assertEquals(direct ? 512 : 1, node.limits().requestAlignment());
                node.write(MIB, RequestFlags.FUA, direct(random(MIB, 9)));
                assertArrayEquals(random(MIB, 9), read(node, MIB, MIB));
                node.writeZeroes(MIB, MIB, RequestFlags.NO_UNMAP);
                assertArrayEquals(new byte[MIB], read(node, MIB, MIB));
                node.writeZeroes(0, MIB, 0);
                assertArrayEquals(new byte[MIB], read(node, 0, MIB));
                node.discard(2 * MIB, MIB, 0);
                node.truncate(4 * MIB);
                assertThrows(io.diskport.api.BlockIOException.class, () -> node.truncate(8 * MIB));
                node.flush();
                node.close();
            }
        } finally {
            Needs.succeed("losetup", "-d", device.toString());
        }
    }

    private interface OnDevice {
        void run(Path device) throws Exception;
    }

    /** With a loop device over the test's file, of blocks of a length. */
    private void withDevice(int block, OnDevice test) throws Exception {
        Needs.root();
        Needs.tool("losetup");
        Files.write(path, random(4 * MIB, 1));
        Needs.Result made =
                Needs.run("losetup", "-b", String.valueOf(block), "-f", "--show", path.toString());
        Needs.that(made.status() == 0, "a loop device (" + made.output().trim() + ")");
        Path device = Path.of(made.output().trim());
        try {
            test.run(device);
        } finally {
            closeAll();
            Needs.succeed("losetup", "-d", device.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void aDeviceIsZeroedToTheByte(int block) throws Exception {
        withDevice(block, NativeFileNodeTest::assertZeroesToTheByte);
    }

    private static void assertZeroesToTheByte(Path device) throws Exception {
        byte[] expected = random(4 * MIB, 1);
        try (BlockNode node =
                new FileNodeDriver(new NativeFileOpener())
                        .open(
                                TestContext.with(false, DiscardMode.UNMAP),
                                new FileOptions(device, OnOffAuto.AUTO))) {
            int[][] ranges = {{1, 100_000}, {200_000, 300_001}, {600_100, 7}, {655_359, 2}};
            for (int flags : new int[] {0, RequestFlags.NO_UNMAP, RequestFlags.NO_FALLBACK}) {
                for (int[] range : ranges) {
                    int offset = range[0] + flags * MIB / 16;
                    node.writeZeroes(offset, range[1], flags);
                    Arrays.fill(expected, offset, offset + range[1], (byte) 0);
                }
            }
            assertArrayEquals(expected, read(node, 0, 4 * MIB));
            assertDiscardsWithin(node, expected);
            // and afterwards whole blocks are still zeroed without being written
            node.writeZeroes(MIB, MIB, RequestFlags.NO_FALLBACK);
        }
    }

    private static void assertDiscardsWithin(BlockNode node, byte[] expected) throws Exception {
        node.discard(3 * MIB + 1, 5, 0);
        assertArrayEquals(expected, read(node, 0, 4 * MIB));
        node.discard(3 * MIB + 1, 20_000, 0);
        assertArrayEquals(Arrays.copyOf(expected, 3 * MIB + 512), read(node, 0, 3 * MIB + 512));
        byte[] rest = Arrays.copyOfRange(expected, 3 * MIB + 20_001, 4 * MIB);
        assertArrayEquals(rest, read(node, 3 * MIB + 20_001, rest.length));
    }

    @Test
    void aDevicesBlocksAreWhatRequestsAreAlignedTo() throws Exception {
        withDevice(
                4096,
                device -> {
                    TestContext direct = TestContext.with(true, DiscardMode.UNMAP);
                    BlockNode node = open(direct, device, OnOffAuto.AUTO);
                    assertEquals(4096, node.limits().requestAlignment());
                    // whatever memory it takes, it is not more than a page
                    ByteBuffer memory =
                            NativeMemory.allocate(32768, 16384)
                                    .position(node.limits().memoryAlignment());
                    memory.limit(memory.position() + 4096);
                    node.read(8192, memory);
                    byte[] read = new byte[4096];
                    memory.flip().position(node.limits().memoryAlignment()).get(read);
                    assertArrayEquals(Arrays.copyOfRange(random(4 * MIB, 1), 8192, 12288), read);
                });
    }

    @Test
    void requestsAllocateNothing() throws Exception {
        BlockNode node = open(TestContext.writable());
        ByteBuffer direct = ByteBuffer.allocateDirect(4096);
        ByteBuffer[] two = {ByteBuffer.allocateDirect(512), ByteBuffer.allocateDirect(512)};
        requests(node, direct, two);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(self);
        requests(node, direct, two);
        long allocated = threads.getThreadAllocatedBytes(self) - before;
        assertTrue(allocated < 2000, allocated + " bytes in 20000 rounds");
    }

    private static void requests(BlockNode node, ByteBuffer direct, ByteBuffer[] two)
            throws Exception {
        for (int i = 0; i < 20_000; i++) {
            node.read(4096, direct.clear());
            node.write(4096, 0, direct.clear());
            node.tryRead(4096, direct.clear());
            two[0].clear();
            two[1].clear();
            node.read(0, two, 0, 2);
        }
    }

    @Test
    void randomHolesMatchTheContent() throws Exception {
        BlockNode node = open(TestContext.with(false, DiscardMode.UNMAP));
        node.truncate(4 * MIB);
        for (int i = 0; i < 64; i++) {
            long offset = Math.floorMod(i * 37L, 64L) * 65536;
            if (i % 3 == 0) {
                node.writeZeroes(offset, 65536, 0);
            } else {
                node.write(offset, 0, direct(random(65536, i)));
            }
        }
        for (long offset = 0; offset < node.length(); ) {
            Extent extent = node.status(offset, node.length() - offset);
            byte[] content = read(node, offset, (int) extent.length());
            if (extent.zero()) {
                assertArrayEquals(new byte[content.length], content);
            } else {
                assertFalse(Arrays.equals(new byte[content.length], content));
            }
            offset += extent.length();
        }
    }
}
