package io.diskport.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.export.RequestStats;
import io.diskport.api.options.OnOffAuto;
import io.diskport.fuse.FuseExportDriver;
import io.diskport.fuse.FuseOptions;
import io.diskport.fuse.testing.Host;
import io.diskport.fuse.testing.MemoryBackend;
import io.diskport.fuse.testing.MountedExport;
import io.diskport.fuse.testing.TestOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What programs do with a file that they do not do with a disk, and many of them at once. */
@Timeout(120)
class KernelClientsTest {
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final String THREADS = "diskport-fuse-test-";

    @TempDir private Path folder;
    private final FuseExportDriver driver = new FuseExportDriver();
    private final MemoryBackend backend = new MemoryBackend(1 << 20, true);
    private Path file;

    @BeforeEach
    void makeMountpoint() throws Exception {
        Host.requireMounts();
        file = Files.createFile(folder.toRealPath().resolve("disk"));
    }

    private MountedExport mount() throws Exception {
        FuseOptions options = TestOptions.of(file, false, OnOffAuto.AUTO);
        return new MountedExport(driver::create, backend, options);
    }

    private static void serves(MountedExport mounted) throws Exception {
        Host.Result read =
                Host.sh("dd if=" + mounted.path + " bs=64k iflag=direct status=none | wc -c");
        assertEquals("1048576", read.output());
        assertEquals(
                List.of(), mounted.context.lines.stream().filter(KernelClientsTest::bad).toList());
    }

    private static boolean bad(String line) {
        return !line.startsWith("DEBUG");
    }

    /** A script of Perl, with the file as its argument. */
    private String perl(String script) throws Exception {
        return Host.sh("perl -e '" + script + "' " + file).output();
    }

    @Test
    void extendedAttributesAreNotSupported() throws Exception {
        Host.require(Host.sh("which perl").status() == 0, "perl is not installed");
        String calls = "x86_64".equals(Host.sh("uname -m").output()) ? "188, 191, 194" : "5, 8, 11";
        try (MountedExport mounted = mount()) {
            String script =
                    "my ($set, $get, $list) = (%s); my $f = $ARGV[0]; my $n = \"user.a\";"
                            + " my $v = \"x\" x 64;"
                            + " for (1..3) {"
                            + " syscall($set, $f, $n, $v, 1, 0) < 0 and print \"$! \";"
                            + " syscall($get, $f, $n, $v, 64) < 0 and print \"$! \";"
                            + " print syscall($list, $f, $v, 64) < 0 ? \"$!\\n\" : \"none\\n\" }";
            String refused = "Operation not supported";
            String expected = refused + " " + refused + " " + refused;
            assertEquals(
                    String.join("\n", expected, expected, expected), perl(script.formatted(calls)));
            serves(mounted);
            // The kernel asks for each once.
            List<String> counts =
                    mounted.export.info().requests().stream()
                            .filter(one -> one.operation().matches("[A-Z]+XATTR"))
                            .map(one -> one.operation() + " " + one.failed())
                            .toList();
            assertEquals(List.of("SETXATTR 1", "GETXATTR 1", "LISTXATTR 1"), counts);
        }
    }

    @Test
    void attributesOfAFileSystemAreNotSupported() throws Exception {
        try (MountedExport mounted = mount()) {
            Host.Result shown = Host.sh("lsattr " + file);
            assertTrue(shown.status() != 0, shown.output());
            assertTrue(
                    shown.output().contains("Inappropriate ioctl")
                            || shown.output().contains("not supported"),
                    shown.output());
            Host.Result changed = Host.sh("chattr +i " + file);
            assertTrue(changed.status() != 0, changed.output());
            assertTrue(Host.sh("blockdev --getsize64 " + file).status() != 0);
            serves(mounted);
        }
    }

    @Test
    void pollSaysThatTheFileIsReady() throws Exception {
        Host.require(Host.sh("which perl").status() == 0, "perl is not installed");
        try (MountedExport mounted = mount()) {
            String script =
                    "open F, \"+<\", $ARGV[0] or die; my $r = \"\"; vec($r, fileno F, 1) = 1;"
                            + " my $w = $r; print scalar select($r, $w, undef, 10)";
            assertEquals("2", perl(script));
            serves(mounted);
        }
    }

    @Test
    void locksKeepOthersOutOnThisMachine() throws Exception {
        try (MountedExport mounted = mount()) {
            assertEquals(
                    "1",
                    Host.sh("flock " + file + " sh -c 'flock -n " + file + " true; echo $?'")
                            .output());
            assertEquals("0", Host.sh("flock -n " + file + " true; echo $?").output());
            serves(mounted);
        }
    }

    @Test
    void aWriteByAnOrdinaryUserTakesAwaySetUser() throws Exception {
        Host.require(Host.sh("which setpriv").status() == 0, "setpriv is not installed");
        Host.sh("chmod 755 " + folder);
        try (MountedExport mounted = mount()) {
            String nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups sh -c ";
            String mode = "; stat -c %a " + file;
            assertEquals("6777", Host.sh("chmod 6777 " + file + mode).output());
            assertEquals("6777", Host.sh("printf a 1<> " + file + mode).output(), "root");
            assertEquals("777", Host.sh(nobody + "'printf a 1<> " + file + "'" + mode).output());
            assertEquals("6777", Host.sh("chmod 6777 " + file + mode).output());
            assertEquals("777", Host.sh("chown 5:6 " + file + mode).output());
            serves(mounted);
        }
    }

    @Test
    void programsThatAreKilledWhileTheyWaitLeaveItServing() throws Exception {
        try (MountedExport mounted = mount()) {
            CountDownLatch hang = new CountDownLatch(1);
            backend.hang = hang;
            List<Process> readers = readers(6);
            backend.hang = null;
            readers.forEach(Process::destroy);
            serves(mounted);
            hang.countDown();
            for (Process reader : readers) {
                assertTrue(reader.waitFor(10, TimeUnit.SECONDS));
            }
            Host.await("requests end", SOON, () -> inFlight(mounted) == 0);
            serves(mounted);
        }
    }

    private static long inFlight(MountedExport mounted) {
        return mounted.export.info().requests().stream().mapToLong(RequestStats::inFlight).sum();
    }

    /** Programs that each read a part of their own, once all of them hang. */
    private List<Process> readers(int count) throws Exception {
        List<Process> readers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            readers.add(
                    Host.start(
                            "exec dd bs=512 count=1 iflag=direct status=none skip="
                                    + i
                                    + " if="
                                    + file));
        }
        Host.await("all hang", SOON, () -> backend.waiting.get() == count);
        return readers;
    }

    @Test
    void twentyReadersThatHangHoldUpNoOtherAndTheirThreadsLeave() throws Exception {
        try (MountedExport mounted = mount()) {
            CountDownLatch hang = new CountDownLatch(1);
            backend.hang = hang;
            List<Process> readers = readers(20);
            backend.hang = null;
            serves(mounted);
            assertTrue(threads() > 20);
            hang.countDown();
            for (Process reader : readers) {
                assertEquals(0, Host.finish(reader).status());
            }
            backend.inline = true;
            int receivers = Math.min(4, Runtime.getRuntime().availableProcessors());
            Host.await(
                    "their threads leave",
                    SOON,
                    () -> {
                        serves(mounted);
                        return threads() <= 2 * receivers + 1;
                    });
        }
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(THREADS))
                .count();
    }

    @Test
    void anIdleExportEndsAtOnce() throws Exception {
        for (int i = 0; i < 5; i++) {
            try (MountedExport mounted = mount()) {
                serves(mounted);
                long begun = System.nanoTime();
                mounted.delete();
                long millis = (System.nanoTime() - begun) / 1_000_000;
                assertTrue(millis < 1000, "took " + millis + " ms");
            }
        }
        Host.await("threads end", SOON, () -> threads() == 0);
    }
}
