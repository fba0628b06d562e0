package io.diskport.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.Errno;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.options.OnOffAuto;
import io.diskport.fuse.FuseOptions.Engine;
import io.diskport.fuse.mount.FuseHost;
import io.diskport.fuse.testing.Descriptors;
import io.diskport.fuse.testing.Host;
import io.diskport.fuse.testing.MemoryBackend;
import io.diskport.fuse.testing.MountedExport;
import io.diskport.fuse.testing.TestOptions;
import io.diskport.natives.NativeError;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real mounts: what clients see, and how mounts end. */
@Timeout(120)
abstract class FuseMountTest {
    @TempDir private Path folder;
    private final FuseExportDriver driver = new FuseExportDriver(FuseHost.here());
    private final Engine engine;
    private final int maxRead;
    private final String details;
    private Path file;

    FuseMountTest(Engine engine, int maxRead, String details) {
        this.engine = engine;
        this.maxRead = maxRead;
        this.details = details;
    }

    @BeforeEach
    void makeMountpoint() throws Exception {
        Host.requireMounts();
        file = Files.createFile(folder.toRealPath().resolve("disk"));
    }

    private MountedExport mount(MemoryBackend backend, boolean growable) throws Exception {
        FuseOptions options = TestOptions.of(file, growable, OnOffAuto.AUTO, engine);
        return new MountedExport(driver::create, backend, options);
    }

    @Test
    void dataGoesThroughFileChannels() throws Exception {
        MemoryBackend backend = new MemoryBackend(1_000_001, true);
        byte[] data = new byte[500_003];
        new Random(1).nextBytes(data);
        try (MountedExport mounted = mount(backend, false)) {
            assertEquals(1_000_001, Files.size(file));
            try (FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                ByteBuffer source = ByteBuffer.wrap(data);
                while (source.hasRemaining()) {
                    channel.write(source, 12_345L + source.position());
                }
                channel.force(true);
                assertTrue(backend.flushes.get() > 0);
                assertEquals(1, mounted.context.clients.size());
            }
            Host.await(
                    "the client leaves",
                    Duration.ofSeconds(5),
                    () -> mounted.context.clients.isEmpty());
            byte[] seen = Files.readAllBytes(file);
            assertArrayEquals(data, Arrays.copyOfRange(seen, 12_345, 12_345 + data.length));
            assertArrayEquals(seen, backend.content());
        }
        assertFalse(MountedExport.isMounted(file));
        assertEquals(0, Files.size(file));
    }

    @Test
    void theMountShowsWhatItIs() throws Exception {
        try (MountedExport mounted = mount(new MemoryBackend(4096, true), false)) {
            String line = Host.sh("grep ' " + file + " ' /proc/self/mountinfo").output();
            assertTrue(line.contains("nosuid,nodev,noatime"), line);
            assertTrue(line.contains(" - fuse.diskport diskport rw"), line);
            assertTrue(line.contains("default_permissions,allow_other,max_read=" + maxRead), line);
            assertEquals(file.toString(), mounted.export.info().address());
            assertEquals(
                    "{" + details + ", allow-other=on, growable=off}",
                    mounted.export.info().details().toString());
        }
        try (MountedExport mounted = mount(new MemoryBackend(4096, false), false)) {
            assertEquals(
                    "Read-only file system", last(Host.sh("echo x > " + mounted.path).output()));
        }
    }

    @Test
    void coreutilsFindAFileThatBehaves() throws Exception {
        MemoryBackend backend = new MemoryBackend(10_000, true);
        try (MountedExport mounted = mount(backend, true)) {
            assertEquals("10000 600 1", Host.sh("stat -c '%s %a %i' " + file).output());
            assertEquals("", Host.sh("truncate -s 7777 " + file).output());
            assertEquals(7777, backend.length());
            assertEquals("", Host.sh("printf abc >> " + file).output());
            assertEquals(7780, backend.length());
            assertEquals("abc", Host.sh("tail -c 3 " + file).output());
            assertEquals(
                    "981173106 86400",
                    Host.sh(
                                    "touch -m -d @981173106 "
                                            + file
                                            + " && touch -a -d @86400 "
                                            + file
                                            + " && stat -c '%Y %X' "
                                            + file)
                            .output());
            assertEquals("", Host.sh("fallocate -z -o 7776 -l 100 " + file).output());
            assertEquals(7876, backend.length());
            assertEquals("", Host.sh("fallocate -p -o 0 -l 4096 " + file).output());
            assertTrue(backend.lastZero.startsWith("0+4096"), backend.lastZero);
            assertEquals("", Host.sh("chmod 666 " + file + " && chown 7:8 " + file).output());
            assertEquals("666 7 8", Host.sh("stat -c '%a %u %g' " + file).output());
            assertEquals("", Host.sh("printf new > " + file).output());
            assertEquals("new", new String(backend.content(), UTF_8));
            assertEquals("4096 1", Host.sh("stat -f -c '%S %b' " + file).output(), "statfs");
        }
    }

    @Test
    void directAndMappedAccessWork() throws Exception {
        MemoryBackend backend = new MemoryBackend(1 << 20, true);
        try (MountedExport mounted = mount(backend, false)) {
            Host.Result written =
                    Host.sh(
                            "head -c 65536 /dev/urandom > "
                                    + folder
                                    + "/data && dd if="
                                    + folder
                                    + "/data of="
                                    + mounted.path
                                    + " bs=4096 oflag=direct conv=notrunc status=none && dd if="
                                    + mounted.path
                                    + " bs=4096 count=16 iflag=direct status=none | cmp - "
                                    + folder
                                    + "/data");
            assertEquals(new Host.Result(0, ""), written);
            try (FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                var map = channel.map(FileChannel.MapMode.READ_WRITE, 100_000, 10);
                map.put(0, (byte) 42);
                map.force();
            }
            assertEquals(42, backend.content()[100_000]);
        }
    }

    @Test
    void fioVerifiesWithSeveralJobs() throws Exception {
        Host.require(Host.sh("which fio").status() == 0, "fio is not installed");
        try (MountedExport mounted = mount(new MemoryBackend(16 << 20, true), false)) {
            Host.Result result =
                    Host.sh(
                            "fio --name=v --filename="
                                    + mounted.path
                                    + " --rw=randwrite --bsrange=512-64k --verify=crc32c"
                                    + " --numjobs=4 --size=4m --offset_increment=4m"
                                    + " --ioengine=psync --group_reporting --minimal"
                                    + " --verify_state_save=0");
            assertEquals(0, result.status(), result.output());
        }
    }

    @Test
    void aResizedNodeIsSeenAtOnce() throws Exception {
        MemoryBackend backend = new MemoryBackend(1000, true);
        try (MountedExport mounted = mount(backend, false)) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                assertEquals(1000, channel.read(ByteBuffer.allocate(5000), 0));
                assertEquals(1000, channel.size());
                backend.truncate(3000);
                mounted.export.resized(3000);
                assertEquals(3000, channel.size());
                assertEquals(3000, channel.read(ByteBuffer.allocate(5000), 0));
            }
        }
    }

    @Test
    void theImageItselfMayBeTheMountpoint() throws Exception {
        Files.writeString(file, "not empty");
        try (FileChannel below = FileChannel.open(file, StandardOpenOption.READ);
                MountedExport mounted = mount(new MemoryBackend(77, true), false)) {
            assertEquals(77, Files.size(mounted.path));
            assertEquals(9, below.size());
        }
        assertEquals("not empty", Files.readString(file));
    }

    @Test
    void aSlowRequestDoesNotHoldUpOthers() throws Exception {
        MemoryBackend backend = new MemoryBackend(1 << 20, true);
        try (MountedExport mounted = mount(backend, false)) {
            CountDownLatch hang = new CountDownLatch(1);
            backend.hang = hang;
            Process slow =
                    Host.start(
                            "dd if=" + file + " bs=512 count=1 iflag=direct status=none | wc -c");
            assertTrue(backend.hanging.await(10, TimeUnit.SECONDS));
            backend.hang = null;
            assertEquals("1048576", Host.sh("cat " + mounted.path + " | wc -c").output());
            hang.countDown();
            assertEquals("512", Host.finish(slow).output());
        }
    }

    @Test
    void aFileThatIsOpenAtDeleteIsCutOff() throws Exception {
        MemoryBackend backend = new MemoryBackend(4096, true);
        try (MountedExport mounted = mount(backend, false)) {
            Process client =
                    Host.start("exec 3< " + file + "; echo open; read go; cat <&3; echo status $?");
            assertEquals('o', client.getInputStream().read());
            deleteInTime(mounted);
            assertFalse(MountedExport.isMounted(file));
            client.getOutputStream().write('\n');
            client.getOutputStream().close();
            assertTrue(
                    Host.finish(client).output().contains(Errno.ENOTCONN.text()),
                    "the client gets an error");
            assertTrue(mounted.context.clients.isEmpty());
        }
    }

    @Test
    void aRequestThatHangsInTheNodeHoldsUpNeitherDeleteNorItsClient() throws Exception {
        MemoryBackend backend = new MemoryBackend(4096, true);
        CountDownLatch hang = new CountDownLatch(1);
        backend.hang = hang;
        try (MountedExport mounted = mount(backend, false)) {
            Process client = Host.start("cat " + file);
            assertTrue(backend.hanging.await(10, TimeUnit.SECONDS));
            deleteInTime(mounted);
            Host.Result result = Host.finish(client);
            assertEquals(1, result.status(), result.output());
            assertTrue(
                    mounted.context.lines.toString().contains("1 requests hang in node 'memory'"),
                    mounted.context.lines.toString());
        } finally {
            hang.countDown();
        }
        Host.await("its thread ends", Duration.ofSeconds(5), () -> workers() == 0);
    }

    @Test
    void hiddenExportsServeTheirClientsUntilTheyLeave() throws Exception {
        MemoryBackend backend = new MemoryBackend(4096, true);
        try (MountedExport mounted = mount(backend, false)) {
            Process client =
                    Host.start("exec 3< " + file + "; echo open; read go; cat <&3 | wc -c");
            assertEquals('o', client.getInputStream().read());
            mounted.export.requestShutdown(ShutdownMode.HIDE);
            Host.await("unmounted", Duration.ofSeconds(5), () -> !MountedExport.isMounted(file));
            client.getOutputStream().write('\n');
            client.getOutputStream().close();
            assertTrue(Host.finish(client).output().endsWith("4096"));
            Host.await(
                    "the client leaves",
                    Duration.ofSeconds(5),
                    () -> mounted.context.clients.isEmpty());
            assertFalse(mounted.context.ended.isDone());
        }
    }

    @Test
    void hardEndingExportsDropTheirClients() throws Exception {
        try (MountedExport mounted = mount(new MemoryBackend(4096, true), false)) {
            Process client = Host.start("exec 3< " + file + "; echo open; read go; cat <&3");
            assertEquals('o', client.getInputStream().read());
            assertEquals(1, mounted.context.clients.size());
            mounted.export.requestShutdown(ShutdownMode.HARD);
            assertTrue(mounted.context.clients.isEmpty(), "nobody waits for them");
            client.getOutputStream().write('\n');
            client.getOutputStream().close();
            String said = Host.finish(client).output();
            assertTrue(said.contains(Errno.ESHUTDOWN.text()), said);
        }
    }

    @Test
    void softlyEndingExportsRefuseNewClients() throws Exception {
        try (MountedExport mounted = mount(new MemoryBackend(4096, true), false)) {
            mounted.export.requestShutdown(ShutdownMode.SOFT);
            assertTrue(Host.sh("cat " + file).output().contains(Errno.ESHUTDOWN.text()));
            assertTrue(MountedExport.isMounted(mounted.path));
        }
    }

    @Test
    void aMountThatIsEndedFromOutsideIsNoticed() throws Exception {
        try (MountedExport mounted = mount(new MemoryBackend(4096, true), false)) {
            assertEquals("", Host.sh("umount " + file).output());
            assertEquals(
                    "'" + file + "' was unmounted from outside",
                    mounted.context.ended.get(5, TimeUnit.SECONDS).getMessage());
            deleteInTime(mounted);
        }
    }

    @Test
    void aMountThatIsTakenAwayFromItsClientsIsNoticed() throws Exception {
        try (MountedExport mounted = mount(new MemoryBackend(4096, true), false)) {
            Process client = Host.start("exec 3< " + file + "; echo open; read go");
            assertEquals('o', client.getInputStream().read());
            assertEquals("", Host.sh("mount -t tmpfs none " + folder).output());
            assertEquals("", Host.sh("umount " + folder).output());
            assertEquals("4096", Host.sh("cat " + file + " | wc -c").output());
            assertFalse(mounted.context.ended.isDone(), "other mounts come and go");
            assertEquals("", Host.sh("umount -l " + file).output());
            assertEquals(
                    "'" + file + "' was unmounted from outside",
                    mounted.context.ended.get(5, TimeUnit.SECONDS).getMessage());
            deleteInTime(mounted);
            client.getOutputStream().close();
            Host.finish(client);
        }
    }

    @Test
    void withoutFreeDescriptorsNothingIsLeftBehind() throws Exception {
        mountReadAndDelete();
        // Loads the classes of a refusal, which takes descriptors.
        assertThrows(BlockException.class, () -> refuse());
        for (int spare = 0; spare < 8; spare++) {
            List<String> before = Descriptors.ofMounts();
            try (Descriptors taken = Descriptors.takeAllBut(spare)) {
                assertTrue(taken.count() > 0);
                MountedExport mounted = mount(new MemoryBackend(4096, true), false);
                mounted.delete();
            } catch (BlockException e) {
                assertTrue(e.getMessage().contains("Too many open files"), e.getMessage());
            }
            assertFalse(MountedExport.isMounted(file));
            assertEquals(before, Descriptors.ofMounts(), "with " + spare + " free");
        }
    }

    @Test
    void manyMountsLeaveNothingBehind() throws Exception {
        for (int i = 0; i < 3; i++) {
            mountReadAndDelete();
        }
        long maps = mappedLibraries();
        int descriptors = descriptors();
        for (int i = 0; i < 20; i++) {
            mountReadAndDelete();
        }
        Host.await("threads end", Duration.ofSeconds(5), () -> workers() == 0);
        assertEquals(maps, mappedLibraries());
        assertTrue(descriptors() <= descriptors + 2, descriptors + " -> " + descriptors());
    }

    @Test
    void aDeletedExportIsGarbage() throws Exception {
        var export = new java.lang.ref.WeakReference<>(mountReadAndDelete());
        Host.await(
                "the export is collected",
                Duration.ofSeconds(20),
                () -> {
                    System.gc();
                    return export.get() == null;
                });
    }

    private Object mountReadAndDelete() throws Exception {
        try (MountedExport mounted = mount(new MemoryBackend(4096, true), false)) {
            assertEquals("4096", Host.sh("cat " + file + " | wc -c").output());
            return mounted.export;
        }
    }

    private static void deleteInTime(MountedExport mounted) {
        long start = System.nanoTime();
        mounted.delete();
        long millis = (System.nanoTime() - start) / 1_000_000;
        assertTrue(millis < 3000, "delete took " + millis + " ms");
    }

    private static void refuse() throws BlockException {
        throw new BlockException(BlockException.Reason.FAILED, NativeError.message(24));
    }

    private static long workers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("diskport-fuse"))
                .count();
    }

    private static long mappedLibraries() throws Exception {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.contains("fuse") || line.contains("jffi"))
                .count();
    }

    private static int descriptors() {
        return new java.io.File("/proc/self/fd").list().length;
    }

    private static String last(String text) {
        return text.substring(text.lastIndexOf(": ") + 2);
    }
}
