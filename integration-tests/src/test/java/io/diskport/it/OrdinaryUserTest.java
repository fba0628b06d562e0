package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A daemon that an ordinary user runs for themselves, in folders of their own.
 *
 * <p>In a mount namespace without the mounts of other daemons, where /dev/fuse is open to
 * everybody: so it is on usual hosts, though it may not be in a container.
 */
@ParameterizedClass
@EnumSource(names = {"LIBFUSE", "KERNEL"}) // PASSTHROUGH is for root.
class OrdinaryUserTest {
    private static final String USER = "65534";
    // fusermount wants to know its name: this is "daemon".
    private static final String OTHER_USER = "1";
    private static final String NAMESPACE =
            """
            umount -a -i -l -t fuse.diskport
            mknod -m 666 "$0" c 10 229 && mount --bind "$0" /dev/fuse && echo ready || exit
            exec sleep 1000
            """;
    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension private final Bench bench = new Bench();

    @Parameter private FuseEngine engine;

    private Client namespace;

    @BeforeEach
    void makeNamespace() {
        Require.fuse();
        Require.tool("fusermount3", "fuse3");
        Require.tool("setpriv", "util-linux");
        Path device = bench.folder().resolve("fuse");
        namespace = bench.client("unshare", "-m", "sh", "-c", NAMESPACE, device);
        namespace.awaitOutput("ready", SOON);
        Require.that(
                asUser("test", "-r", Distribution.program()).status() == 0,
                "needs a build folder that every user can read");
    }

    @Test
    void servesTheirImageUntilItEnds() throws Exception {
        Path image = bench.site().image("disk.raw", 1 << 20);
        Path export = bench.site().mountpoint("disk");
        Path data = bench.site().folder().resolve("data");
        bench.run("dd", "if=/dev/urandom", "of=" + data, "bs=100001", "count=7").ok();
        bench.site().desireFileNode("disk", image);
        engine.desire(bench.site(), "disk", export);
        Shell daemon = start();
        daemon.awaitMounted(export);

        asUser("dd", "if=" + data, "of=" + export, "bs=64k", "conv=notrunc,fsync").ok();
        asUser("cmp", "-n", Files.size(data), data, export).ok();
        asUser("truncate", "-s", 2 << 20, export).ok();
        assertEquals("2097152 " + USER, asUser("stat", "-c", "%s %u", export).ok().strip());
        asUser("chmod", "400", export).ok();
        String refused = asUser("dd", "if=" + data, "of=" + export, "conv=notrunc").output();
        assertTrue(refused.contains("Permission denied"), refused);

        daemon.end();
        assertEquals(List.of(), mounts(), "mounts that are left");
        asUser("cmp", "-n", Files.size(data), data, image).ok();
        assertEquals(2 << 20, Files.size(image));
    }

    @Test
    void nobodyElseGetsInUnlessTheHostAllowsIt() throws Exception {
        requireNoUserAllowOther();
        Path export = bench.site().mountpoint("disk");
        bench.site().desireFileNode("disk", bench.site().image("disk.raw", 1 << 20));
        engine.desire(bench.site(), "disk", export);
        start().awaitMounted(export);

        asUser("cat", export).ok();
        String refused = inNamespace(List.of("head", "-c", "1", export)).output();
        assertTrue(refused.contains("Permission denied"), "root: " + refused);
    }

    @Test
    void whatTheyMayNotDoIsSaidPlainly() throws Exception {
        requireNoUserAllowOther();
        Path foreign = Files.createFile(bench.folder().resolve("foreign"));
        Path image = bench.site().image("disk.raw", 1 << 20);
        Path export = bench.site().mountpoint("disk");
        bench.site().desireFileNode("disk", image);
        Shell daemon = start().ready();
        daemon.awaitRow("nodes", "disk", "running", SOON);
        String add = "export-add fuse writable=on node-name=disk ";

        String elsewhere = daemon.type(add + "id=a mountpoint=" + foreign);
        assertTrue(elsewhere.contains("Failed to mount on '" + foreign + "'"), elsewhere);
        assertTrue(elsewhere.contains("Permission denied"), elsewhere);
        String open = daemon.type(add + "id=b allow-other=on mountpoint=" + export);
        assertTrue(open.contains("needs the line user_allow_other in /etc/fuse.conf"), open);
        assertEquals(List.of(), mounts(), "mounts that are left");
        daemon.type(add + "id=c mountpoint=" + export);
        daemon.awaitRow("exports", "c", "running", SOON);
    }

    @Test
    void twoUsersDoNotDisturbEachOther() throws Exception {
        Path export = bench.site().mountpoint("disk");
        bench.site().desireFileNode("disk", bench.site().image("disk.raw", 1 << 20));
        bench.site().desireFuse("disk", export);
        start().awaitMounted(export);

        Site site = Site.make(bench.folder().resolve("other"));
        Path second = site.mountpoint("disk");
        site.desireFileNode("disk", site.image("disk.raw", 2 << 20));
        site.desireFuse("disk", second);
        start(site, OTHER_USER).awaitMounted(second);

        asUser("cmp", "-n", 1 << 20, "/dev/zero", export).ok();
    }

    private Shell start() {
        return start(bench.site(), USER);
    }

    private Shell start(Site site, String user) {
        bench.run("chown", "-R", user + ":" + user, site.folder()).ok();
        return bench.closing(new Shell(site, prefix(user)));
    }

    private List<Path> mounts() {
        return Mounts.below(Long.toString(namespace.pid()), bench.folder(), "fuse");
    }

    private List<String> prefix(String user) {
        List<String> words = new ArrayList<>();
        for (Object word : nsenter()) {
            words.add(word.toString());
        }
        words.addAll(List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups"));
        return words;
    }

    private List<Object> nsenter() {
        return List.of("nsenter", "-t", namespace.pid(), "-m");
    }

    private Client.Result asUser(Object... command) {
        List<Object> all = new ArrayList<>(prefix(USER));
        all.addAll(List.of(command));
        return bench.run(all.toArray());
    }

    private Client.Result inNamespace(List<Object> command) {
        List<Object> all = new ArrayList<>(nsenter());
        all.addAll(command);
        return bench.run(all.toArray());
    }

    private static void requireNoUserAllowOther() throws IOException {
        Path configuration = Path.of("/etc/fuse.conf");
        boolean allowed =
                Files.exists(configuration)
                        && Files.readAllLines(configuration).contains("user_allow_other");
        Require.that(!allowed, "needs /etc/fuse.conf without user_allow_other");
    }
}
