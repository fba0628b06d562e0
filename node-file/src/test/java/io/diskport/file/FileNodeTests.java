package io.diskport.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.DiscardMode;
import io.diskport.api.node.RequestFlags;
import io.diskport.api.options.OnOffAuto;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a file node does whichever engine it has. */
abstract class FileNodeTests {
    /** No multiple of anything, and larger than the bounce buffer. */
    static final int LENGTH = 1_000_001;

    @TempDir Path folder;
    Path path;
    final List<AutoCloseable> opened = new ArrayList<>();

    abstract FileOpener opener();

    @BeforeEach
    void makeFile() throws IOException {
        path = folder.resolve("disk.raw");
        Files.write(path, random(LENGTH, 1));
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable closeable : opened) {
            closeable.close();
        }
    }

    static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    BlockNode open(TestContext context) throws BlockException {
        return open(context, path, OnOffAuto.AUTO);
    }

    BlockNode open(TestContext context, Path file, OnOffAuto locking) throws BlockException {
        BlockNode node = new FileNodeDriver(opener()).open(context, new FileOptions(file, locking));
        opened.add(node);
        return node;
    }

    BlockNode open(boolean direct) throws BlockException {
        return open(TestContext.with(direct, DiscardMode.UNMAP));
    }

    static byte[] read(BlockNode node, long offset, int length) throws BlockIOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        node.read(offset, buffer);
        assertFalse(buffer.hasRemaining());
        return buffer.array();
    }

    static ByteBuffer direct(byte[] bytes) {
        // room in front of the position, so that it is seen whether positions are minded
        return ByteBuffer.allocateDirect(bytes.length + 3).position(3).put(bytes).position(3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void randomRequestsReadBackAsWritten(boolean direct) throws IOException, BlockException {
        BlockNode node = open(direct);
        byte[] expected = Files.readAllBytes(path);
        Random random = new Random(7);
        int align = node.limits().requestAlignment();
        for (int i = 0; i < 300; i++) {
            int from = random.nextInt(LENGTH) & -align;
            int to = Math.min(LENGTH, from + ((random.nextInt(400_000) + align) & -align));
            byte[] data = random(to - from, i);
            ByteBuffer[] buffers = split(data, random);
            boolean write = random.nextBoolean();
            int flags = random.nextInt(8) == 0 ? RequestFlags.FUA : 0;
            if (write && buffers.length == 1) {
                node.write(from, flags, buffers[0]);
            } else if (write) {
                node.write(from, flags, buffers, 0, buffers.length);
            } else if (buffers.length == 1) {
                node.read(from, buffers[0]);
            } else {
                node.read(from, buffers, 0, buffers.length);
            }
            for (ByteBuffer buffer : buffers) {
                assertFalse(buffer.hasRemaining(), "a position did not move");
            }
            if (write) {
                System.arraycopy(data, 0, expected, from, data.length);
            } else {
                byte[] wanted = Arrays.copyOfRange(expected, from, to);
                assertArrayEquals(wanted, join(buffers, data.length), "request " + i);
            }
        }
        node.flush();
        assertArrayEquals(expected, Files.readAllBytes(path));
    }

    private static ByteBuffer[] split(byte[] data, Random random) {
        int parts = 1 + random.nextInt(4);
        ByteBuffer[] buffers = new ByteBuffer[parts];
        int start = 0;
        for (int i = 0; i < parts; i++) {
            int end = i == parts - 1 ? data.length : start + (data.length - start) / 2;
            byte[] part = Arrays.copyOfRange(data, start, end);
            buffers[i] = random.nextBoolean() ? direct(part) : ByteBuffer.wrap(part);
            start = end;
        }
        return buffers;
    }

    private static byte[] join(ByteBuffer[] buffers, int length) {
        ByteBuffer all = ByteBuffer.allocate(length);
        for (ByteBuffer buffer : buffers) {
            all.put(buffer.duplicate().position(buffer.isDirect() ? 3 : 0));
        }
        return all.array();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void moreBuffersThanOneSystemCallTakes(boolean direct) throws IOException, BlockException {
        BlockNode node = open(direct);
        int block = node.limits().requestAlignment();
        ByteBuffer memory = ByteBuffer.allocateDirect(LENGTH + 8192).alignedSlice(4096);
        int count = Math.min(2500, LENGTH / block);
        ByteBuffer[] buffers = new ByteBuffer[count + 2];
        for (int i = 0; i < count; i++) {
            buffers[i + 1] = memory.slice(i * block, block);
        }
        node.read(0, buffers, 1, count);
        byte[] all = new byte[count * block];
        memory.get(0, all);
        assertArrayEquals(Arrays.copyOf(Files.readAllBytes(path), all.length), all);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFileOf1000BytesHas1000Bytes(boolean direct) throws IOException, BlockException {
        Files.write(path, random(1000, 3));
        BlockNode node = open(direct);
        assertEquals(1000, node.length());
        assertArrayEquals(random(1000, 3), read(node, 0, 1000));
        node.write(0, RequestFlags.FUA, direct(random(1000, 4)));
        assertArrayEquals(random(1000, 4), Files.readAllBytes(path));
        node.writeZeroes(0, 1000, RequestFlags.FUA);
        assertArrayEquals(new byte[1000], Files.readAllBytes(path));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatSomebodyElseCutOffReadsAsZeroes(boolean direct) throws IOException, BlockException {
        BlockNode node = open(direct);
        byte[] before = Files.readAllBytes(path);
        try (RandomAccessFile other = new RandomAccessFile(path.toFile(), "rw")) {
            other.setLength(300_300);
        }
        byte[] expected = Arrays.copyOf(Arrays.copyOf(before, 300_300), LENGTH);
        assertArrayEquals(expected, read(node, 0, LENGTH));
        ByteBuffer memory = ByteBuffer.allocateDirect(LENGTH + 4096).alignedSlice(4096);
        ByteBuffer[] two = {memory.slice(0, 1 << 19), memory.slice(1 << 19, 1 << 18)};
        memory.put(1 << 19, (byte) 1);
        node.read(0, two, 0, 2);
        byte[] all = new byte[3 << 18];
        memory.get(0, all);
        assertArrayEquals(Arrays.copyOf(expected, all.length), all);
        assertEquals(LENGTH, node.length());
        node.write(LENGTH & -4096, 0, ByteBuffer.wrap(new byte[LENGTH & 4095]));
        assertEquals(LENGTH, Files.size(path));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void zeroesAreZeroesToTheByte(boolean direct) throws IOException, BlockException {
        for (int flags : new int[] {0, RequestFlags.NO_UNMAP, RequestFlags.FUA}) {
            Files.write(path, random(LENGTH, 5));
            BlockNode node = open(direct);
            byte[] expected = random(LENGTH, 5);
            int from = 65536;
            Arrays.fill(expected, from, LENGTH, (byte) 0);
            node.writeZeroes(from, LENGTH - from, flags);
            assertArrayEquals(expected, read(node, 0, LENGTH));
            assertEquals(LENGTH, Files.size(path));
            node.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void resizesToTheByte(boolean direct) throws IOException, BlockException {
        BlockNode node = open(direct);
        byte[] before = Files.readAllBytes(path);
        node.truncate(3_000_003);
        assertEquals(3_000_003, node.length());
        assertEquals(3_000_003, Files.size(path));
        assertArrayEquals(Arrays.copyOf(before, 3_000_003), read(node, 0, 3_000_003));
        node.truncate(777);
        assertEquals(777, node.length());
        assertEquals(777, Files.size(path));
        node.truncate(4096);
        assertArrayEquals(Arrays.copyOf(Arrays.copyOf(before, 777), 4096), read(node, 0, 4096));
        node.truncate(0);
        assertEquals(0, Files.size(path));
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE - 4095, Long.MAX_VALUE})
    void aResizeThatFailsChangesNothing(long tooLong) throws IOException, BlockException {
        BlockNode node = open(true);
        BlockIOException e = assertThrows(BlockIOException.class, () -> node.truncate(tooLong));
        assertEquals(Errno.EFBIG, e.errno());
        assertEquals(LENGTH, node.length());
        node.write(0, 0, direct(random(LENGTH, 5)));
        assertArrayEquals(random(LENGTH, 5), read(node, 0, LENGTH));
    }

    @Test
    void anEmptyFileIsANode() throws IOException, BlockException {
        Files.write(path, new byte[0]);
        for (boolean direct : new boolean[] {false, true}) {
            BlockNode node = open(direct);
            assertEquals(0, node.length());
            node.read(0, ByteBuffer.allocateDirect(0));
            node.writeZeroes(0, 0, 0);
            node.flush();
            node.close();
        }
    }

    @Test
    void alignmentIsAskedForPastThePageCacheOnly() throws BlockException {
        assertEquals(1, open(TestContext.readOnly()).limits().requestAlignment());
        BlockNode node = open(true);
        int align = node.limits().requestAlignment();
        assertTrue(align >= 512 && align <= 65536, "alignment " + align);
        assertEquals(align, node.limits().memoryAlignment());
    }

    @Test
    void whatIsNoFileIsRefusedAndNotTouched() throws Exception {
        Path pipe = folder.resolve("pipe");
        Needs.tool("mkfifo");
        Needs.succeed("mkfifo", pipe.toString());
        Path socket = folder.resolve("socket");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            assertRefused(folder, "Is a directory");
            assertRefused(pipe, "it is a pipe");
            assertRefused(socket, "it is a socket");
            assertRefused(Path.of("/dev/null"), "it is a character device");
        }
    }

    private void assertRefused(Path file, String why) {
        for (TestContext context :
                List.of(
                        TestContext.writable(),
                        TestContext.readOnly(),
                        TestContext.autoReadOnly())) {
            BlockException e =
                    assertThrows(BlockException.class, () -> open(context, file, OnOffAuto.AUTO));
            assertEquals(
                    "Could not open '"
                            + file
                            + "': "
                            + why
                            + "; a file node needs a regular file or a block device",
                    e.getMessage());
        }
    }

    @Test
    void aMissingFileIsNamed() {
        Path missing = folder.resolve("missing");
        BlockException e =
                assertThrows(
                        BlockException.class,
                        () -> open(TestContext.writable(), missing, OnOffAuto.AUTO));
        assertEquals("Could not open '" + missing + "': No such file or directory", e.getMessage());
        assertEquals(BlockException.Reason.NOT_FOUND, e.reason());
        assertFalse(Files.exists(missing));
    }

    /** A file that this process may read and not write: as root, on a file system mounted so. */
    private Path unwritable() throws Exception {
        if (io.diskport.natives.LibcHost.geteuid() != 0) {
            assertTrue(path.toFile().setReadOnly());
            return path;
        }
        Path mount = mountTmpfs("size=4m");
        Path file = mount.resolve("disk.raw");
        Files.copy(path, file);
        Needs.succeed("mount", "-o", "remount,ro", mount.toString());
        return file;
    }

    private Path mountTmpfs(String options) throws Exception {
        Needs.root();
        Path mount = Files.createDirectory(folder.resolve("mount"));
        Needs.Result result =
                Needs.run("mount", "-t", "tmpfs", "-o", options, "none", mount.toString());
        Needs.that(result.status() == 0, "the right to mount (" + result.output().trim() + ")");
        opened.add(() -> Needs.succeed("umount", "-l", mount.toString()));
        return mount;
    }

    @Test
    void aFileThatCannotBeWrittenIsRefusedOrOpenedForReading() throws Exception {
        Path file = unwritable();
        BlockException e =
                assertThrows(
                        BlockException.class,
                        () -> open(TestContext.writable(), file, OnOffAuto.AUTO));
        assertEquals(BlockException.Reason.DENIED, e.reason());
        assertTrue(
                e.getMessage()
                        .matches(
                                "Could not open '.*disk.raw': "
                                        + "(Permission denied|Read-only file system) "
                                        + "\\(read-only=on or auto-read-only=on .*"),
                e.getMessage());
        BlockNode node = open(TestContext.autoReadOnly(), file, OnOffAuto.AUTO);
        assertTrue(node.readOnly());
        assertArrayEquals(random(LENGTH, 1), read(node, 0, LENGTH));
        assertTrue(open(TestContext.readOnly(), file, OnOffAuto.AUTO).readOnly());
    }

    @Test
    void autoReadOnlyWritesWhereItMay() throws Exception {
        BlockNode node = open(TestContext.autoReadOnly());
        assertFalse(node.readOnly());
        node.write(0, 0, ByteBuffer.wrap(new byte[] {1}));
    }

    @Test
    void aFullDiskIsNamedAndLeavesTheRestUsable() throws Exception {
        Path file = mountTmpfs("size=1m").resolve("disk.raw");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(8 << 20);
        }
        BlockNode node = open(TestContext.writable(), file, OnOffAuto.AUTO);
        ByteBuffer data = direct(random(4 << 20, 1));
        BlockIOException e = assertThrows(BlockIOException.class, () -> node.write(4096, 0, data));
        assertEquals(Errno.ENOSPC, e.errno());
        assertTrue(
                e.getMessage()
                        .matches(
                                "Failed to write \\d+ bytes at offset \\d+ of '"
                                        + file
                                        + "': No space left on device"),
                e.getMessage());
        assertArrayEquals(new byte[4096], read(node, 0, 4096));
        assertArrayEquals(new byte[4096], read(node, 6 << 20, 4096));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void thePathIsNotUsedAfterOpening(boolean direct) throws Exception {
        BlockNode node = open(direct);
        Path other = folder.resolve("other");
        Files.move(path, other);
        Files.write(path, new byte[7]);
        node.write(LENGTH & -65536, 0, direct(random(LENGTH & 65535, 9)));
        node.truncate(LENGTH + 2);
        node.write(0, RequestFlags.FUA, direct(random(LENGTH + 2, 8)));
        assertEquals(LENGTH + 2, Files.size(other));
        assertArrayEquals(random(LENGTH + 2, 8), Files.readAllBytes(other));
        assertEquals(7, Files.size(path));
        // and without any name left
        Files.delete(other);
        assertArrayEquals(random(LENGTH + 2, 8), read(node, 0, LENGTH + 2));
        node.flush();
    }

    @Test
    void anOddLengthGivenLaterDoesNotNeedThePathEither() throws Exception {
        Files.write(path, random(8192, 1));
        BlockNode node = open(true);
        Path other = folder.resolve("other");
        Files.move(path, other);
        Files.write(path, new byte[7]);
        node.truncate(8195);
        node.write(0, RequestFlags.FUA, direct(random(8195, 2)));
        assertArrayEquals(random(8195, 2), Files.readAllBytes(other));
        assertArrayEquals(new byte[7], Files.readAllBytes(path));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void manyThreadsAtOnce(boolean direct) throws Exception {
        BlockNode node = open(direct);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> results = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                // neighbours that share the last page, so the odd end is written next to others
                int from = t * 262_144;
                int to = Math.min(LENGTH, from + 262_144);
                int seed = t;
                Callable<Void> work =
                        () -> {
                            for (int i = 0; i < 40; i++) {
                                byte[] data = random(to - from, seed * 1000L + i);
                                ByteBuffer buffer =
                                        i % 2 == 0 ? direct(data) : ByteBuffer.wrap(data);
                                node.write(from, 0, buffer);
                                assertArrayEquals(data, read(node, from, to - from));
                            }
                            return null;
                        };
                results.add(threads.submit(work));
            }
            for (Future<?> result : results) {
                result.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void anInterruptBreaksNothing() throws Exception {
        BlockNode node = open(TestContext.writable());
        Thread.currentThread().interrupt();
        read(node, 0, 4096);
        node.write(0, 0, ByteBuffer.allocate(4096));
        node.flush();
        assertTrue(Thread.interrupted(), "the interrupt is gone");
        read(node, 0, 4096);
    }

    @Test
    void closesWhatItOpened() throws Exception {
        for (int i = 0; i < 5; i++) {
            openAndClose();
        }
        assertEquals(0, descriptors());
    }

    private void openAndClose() throws Exception {
        for (boolean direct : new boolean[] {false, true}) {
            FileNodeDriver driver = new FileNodeDriver(opener());
            TestContext context = TestContext.with(direct, DiscardMode.UNMAP);
            BlockNode node = driver.open(context, new FileOptions(path, OnOffAuto.AUTO));
            read(node, 0, LENGTH);
            node.close();
            assertDoesNotThrow(node::close);
            FileOptions wrong = new FileOptions(folder, OnOffAuto.AUTO);
            assertThrows(BlockException.class, () -> driver.open(context, wrong));
        }
    }

    /** How many descriptors of this process lead to the test's file or folder. */
    private long descriptors() throws IOException {
        try (Stream<Path> list = Files.list(Path.of("/proc/self/fd"))) {
            return list.filter(this::leadsHere).count();
        }
    }

    private boolean leadsHere(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).startsWith(folder);
        } catch (IOException e) {
            // closed meanwhile
            return false;
        }
    }

    @Test
    void requestsAfterCloseFail() throws Exception {
        BlockNode node = open(TestContext.writable());
        node.close();
        assertThrows(BlockIOException.class, () -> read(node, 0, 512));
        assertThrows(BlockIOException.class, node::flush);
    }
}
