package io.diskport.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.options.OnOffAuto;
import io.diskport.fuse.mount.FuseHost;
import io.diskport.fuse.testing.Daemon;
import io.diskport.fuse.testing.FakeContext;
import io.diskport.fuse.testing.Host;
import io.diskport.fuse.testing.MemoryBackend;
import io.diskport.fuse.testing.MountedExport;
import io.diskport.fuse.testing.TestOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What stands in the way of a mount: its message, or its cure. */
@Timeout(120)
class FuseRefusalTest {
    @TempDir private Path temporary;
    private final FuseExportDriver driver = new FuseExportDriver(FuseHost.here());
    private Path folder;
    private Path file;

    @BeforeEach
    void makeMountpoint() throws Exception {
        Host.requireMounts();
        folder = temporary.toRealPath();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        file = Files.createFile(folder.resolve("disk"));
    }

    private MountedExport mount(FuseExportDriver on, Path path) throws BlockException {
        FuseOptions options = TestOptions.of(path, false, OnOffAuto.AUTO);
        return new MountedExport(on::create, new MemoryBackend(4096, true), options);
    }

    private void refuses(FuseExportDriver on, Path path, Reason reason, String message) {
        BlockException refusal =
                assertThrows(
                        BlockException.class,
                        () ->
                                on.create(
                                        new FakeContext(new MemoryBackend(4096, true)),
                                        TestOptions.of(path, false, OnOffAuto.AUTO)));
        assertEquals(message, refusal.getMessage());
        assertEquals(reason, refusal.reason());
    }

    @Test
    void aMountpointGivenTwice() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("disk"));
        Path folders = Files.createSymbolicLink(folder.resolve("folders"), folder);
        try (MountedExport mounted = mount(driver, file)) {
            for (Path path :
                    new Path[] {
                        mounted.path, link, folders.resolve("disk"), folder.resolve("./x/../disk")
                    }) {
                refuses(
                        driver,
                        path,
                        Reason.EXISTS,
                        "There already is a FUSE export on '" + path + "'");
            }
        }
        mount(driver, link).close();
        assertFalse(MountedExport.isMounted(file));
    }

    @Test
    void aPathThatIsNotThere() {
        Path missing = folder.resolve("missing");
        String message = "Failed to stat '" + missing + "': No such file or directory";
        refuses(driver, missing, Reason.NOT_FOUND, message);
        Path deeper = missing.resolve("deeper");
        message = "Failed to stat '" + deeper + "': No such file or directory";
        refuses(driver, deeper, Reason.NOT_FOUND, message);
    }

    @Test
    void aPathThatIsNoRegularFile() throws Exception {
        refuses(driver, folder, Reason.INVALID, "'" + folder + "' is not a regular file");
        Path root = Path.of("/");
        refuses(driver, root, Reason.INVALID, "'/' is not a regular file");
        Path loop = Files.createSymbolicLink(folder.resolve("loop"), Path.of("loop"));
        refuses(
                driver,
                loop,
                Reason.NOT_FOUND,
                "Failed to stat '" + loop + "': Too many levels of symbolic links");
    }

    @Test
    void aHostWithoutTheDevice() throws Exception {
        Path device = folder.resolve("fuse");
        FuseHost host = new FuseHost(device, Daemon.USUAL_PATH);
        String message =
                "there is no "
                        + device
                        + ": load the kernel's module (modprobe fuse), or give the container the"
                        + " device";
        refuses(FuseTestDriver.on(host), file, Reason.UNAVAILABLE, message);
        assertEquals(message, host.problem().orElseThrow());
        mount(driver, file).close();
    }

    @Test
    void aDeviceThatMayNotBeOpened() throws Exception {
        Path mounted = Files.createDirectory(folder.resolve("nodev"));
        Path device = mounted.resolve("fuse");
        String make =
                "mount -t tmpfs -o nodev none " + mounted + " && mknod " + device + " c 10 229";
        Host.require(Host.sh(make).status() == 0, "no tmpfs can be mounted");
        try {
            FuseHost host = new FuseHost(device, Daemon.USUAL_PATH);
            refuses(
                    FuseTestDriver.on(host),
                    file,
                    Reason.DENIED,
                    "no permission to open "
                            + device
                            + ": give this user access to it (chmod a+rw), or give the container"
                            + " the device");
        } finally {
            Host.sh("umount " + mounted);
        }
    }

    @Test
    void aMountpointOfAnotherProgramAndThenOfOneThatWasKilled() throws Exception {
        try (Daemon other = Daemon.start(file)) {
            assertTrue(other.line().startsWith("up"));
            refuses(
                    driver,
                    file,
                    Reason.IN_USE,
                    "'"
                            + file
                            + "' is a mountpoint of another program (fuse.diskport): end that, or"
                            + " unmount it with fusermount -u");
            other.process.destroyForcibly().waitFor();
            assertTrue(MountedExport.isMounted(file));
            try (MountedExport mounted = mount(driver, file)) {
                assertEquals("4096", Host.sh("cat " + file + " | wc -c").output());
                String line =
                        "WARNING '"
                                + file
                                + "' was the mountpoint of a daemon that was killed: unmounted";
                assertEquals(line, mounted.context.lines.get(0));
            }
            assertFalse(MountedExport.isMounted(file), "nothing is left beneath");
        } finally {
            Host.sh("umount -l " + file);
        }
    }

    @Test
    void foreignMountsWhoseNamesMeanNothingHereStandInNobodysWay() throws Exception {
        String foreign = folder + "/$(printf '\\303\\274\\377')";
        String make = "mkdir " + foreign + " && mount -t tmpfs none " + foreign;
        Host.require(Host.sh(make).status() == 0, "no tmpfs can be mounted");
        try (Daemon daemon = Daemon.startIn("C", file)) {
            String line = daemon.line();
            assertTrue(line.startsWith("up"), line);
            daemon.process.getOutputStream().close();
            assertEquals("hook", daemon.rest());
            assertFalse(MountedExport.isMounted(file));
        } finally {
            Host.sh("umount " + foreign + "; rmdir " + foreign);
        }
    }

    @Test
    void signalsStillReachTheJavaProcess() throws Exception {
        for (String signal : new String[] {"TERM", "INT", "HUP"}) {
            try (Daemon daemon = Daemon.start(file)) {
                assertTrue(daemon.line().startsWith("up"));
                Host.sh("kill -" + signal + " " + daemon.process.pid());
                assertEquals("hook", daemon.rest(), signal);
                assertTrue(daemon.process.waitFor(10, TimeUnit.SECONDS));
                assertFalse(MountedExport.isMounted(file));
            }
        }
    }

    @Test
    void anOrdinaryUserMountsThroughFusermount() throws Exception {
        requireNobody();
        Files.writeString(file, "an image that is not empty");
        String allowed = userAllowOther() ? "on" : "off";
        try (Daemon daemon = asNobody("666", "AUTO", Daemon.USUAL_PATH)) {
            String line = daemon.line();
            assertTrue(line.startsWith("up {engine=kernel"), line);
            assertTrue(line.endsWith("allow-other=" + allowed + ", growable=off}"), line);
            String size = Host.sh(daemon.inside("stat -c '%s %u' " + file)).output();
            assertEquals("4096 65534", size);
            String content = Host.sh(daemon.inside("cat " + file) + " | wc -c").output();
            assertEquals("4096", content);
            daemon.process.getOutputStream().close();
            assertEquals("hook", daemon.rest());
        }
    }

    @Test
    void anOrdinaryUserWhoMayNotLetOthersIn() throws Exception {
        requireNobody();
        Host.require(!userAllowOther(), "user_allow_other is in /etc/fuse.conf");
        try (Daemon daemon = asNobody("666", "ON", Daemon.USUAL_PATH)) {
            assertEquals(
                    "refused: allow-other=on: who is not root needs the line user_allow_other in"
                            + " /etc/fuse.conf",
                    daemon.rest());
        }
    }

    @Test
    void anOrdinaryUserWithoutAccessToTheDevice() throws Exception {
        requireNobody();
        try (Daemon daemon = asNobody("600", "AUTO", Daemon.USUAL_PATH)) {
            assertEquals(
                    "refused: no permission to open /dev/fuse: give this user access to it (chmod"
                            + " a+rw), or give the container the device",
                    daemon.rest());
        }
    }

    @Test
    void anOrdinaryUserWithoutFusermount() throws Exception {
        requireNobody();
        try (Daemon daemon = asNobody("666", "AUTO", "/nowhere")) {
            assertEquals(
                    "refused: Failed to mount on '"
                            + file
                            + "': who is not root mounts through fusermount, which is not"
                            + " installed (Debian, Ubuntu: apt-get install fuse3; Fedora: dnf"
                            + " install fuse3)",
                    daemon.rest());
        }
    }

    private Daemon asNobody(String deviceMode, String allowOther, String searchPath)
            throws Exception {
        return Daemon.startAsNobody(folder, deviceMode, file, allowOther, searchPath);
    }

    private void requireNobody() throws Exception {
        Host.require(
                Host.sh("which fusermount setpriv unshare nsenter && chown 65534:65534 " + file)
                                .status()
                        == 0,
                "fusermount, setpriv, unshare or nsenter is not installed");
    }

    private static boolean userAllowOther() throws Exception {
        return Host.sh("grep -qx user_allow_other /etc/fuse.conf").status() == 0;
    }
}
