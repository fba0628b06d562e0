package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A command line that says what there is to be, and what is left of it at the end. */
class QsdCommandLineTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String NODE = "null-co,node-name=n,size=64k";

    @RegisterExtension private final Bench bench = new Bench();

    private Path temporary;
    private Path nbd;

    @BeforeEach
    void makeFolder() throws IOException {
        temporary = Files.createDirectory(bench.folder().resolve("tmp"));
        nbd = bench.socket("nbd");
    }

    @Test
    void helpNamesTheTypesThatAreThere() throws IOException {
        String said = run("--help").ok();
        assertTrue(said.startsWith("Usage: diskport"), said);
        assertTrue(said.contains("--pidfile FILE"), said);
        assertTrue(said.contains("\n  --blockdev file, "), said);
        assertTrue(said.contains("\n  --object   authz-list, "), said);
        assertNothingIsLeft();
    }

    @Test
    void helpOfATypeNamesItsOptions() throws IOException {
        assertTrue(run("--blockdev", "help,driver=file").ok().contains("  filename=<path>"));
        assertTrue(run("--object", "secret,help").ok().startsWith("secret options:\n"));
        assertTrue(run("--export", "help").ok().contains("\n  nbd"));
        Client.Result tape = run("--export", "help,type=tape");
        assertEquals(1, tape.status(), tape.output());
        assertTrue(tape.output().startsWith("diskport: --export help,type=tape: "), tape.output());
        assertNothingIsLeft();
    }

    @Test
    void versionNeedsNothing() {
        assertTrue(run("--version", "--bogus").ok().matches("diskport \\S+\n"));
    }

    @Test
    void whatIsMadeBeforeAMistakeIsGoneAgain() throws IOException {
        Client.Result refused =
                run(
                        "--blockdev",
                        NODE,
                        "--nbd-server",
                        "addr.type=unix,addr.path=" + nbd,
                        "--export",
                        "nbd,id=e,node-name=n",
                        "--pidfile",
                        bench.folder().resolve("pid").toString(),
                        "--export",
                        "nbd,id=e,node-name=n");
        assertEquals(1, refused.status(), refused.output());
        assertEquals(1, refused.output().lines().count(), refused.output());
        assertTrue(
                refused.output().startsWith("diskport: --export nbd,id=e,node-name=n: "),
                refused.output());
        assertFalse(Files.exists(nbd), "the socket is gone");
        assertFalse(Files.exists(bench.folder().resolve("pid")), "no pidfile was written");
        assertNothingIsLeft();
    }

    @Test
    void aMistakeInTheSyntaxIsFoundBeforeAnythingIsMade() throws IOException {
        Path folder = bench.folder().resolve("only-once");
        Client.Result refused =
                run(
                        "--nbd-server",
                        "addr.type=unix,addr.path=" + folder.resolve("nbd"),
                        "--blockdev",
                        "{\"driver\":");
        assertTrue(refused.output().startsWith("diskport: --blockdev {\"driver\":"));
        assertEquals(1, refused.status());
        assertNothingIsLeft();
    }

    @Test
    void itServesInSilenceAndLeavesNothing() throws Exception {
        NbdTools.need();
        Path image = bench.site().image("a,b.raw", 1 << 20);
        Path pidfile = bench.folder().resolve("pid");
        Client daemon =
                start(
                        "--blockdev",
                        "{\"driver\": \"file\", \"node-name\": \"f\", \"filename\": \""
                                + image
                                + "\"}",
                        "--blockdev=raw,node-name=r,offset=4096,size=8192,file=f",
                        "--blockdev",
                        "file,node-name=g,read-only=on,filename="
                                + image.toString().replace(",", ",,"),
                        "--nbd-server=addr.type=unix,addr.path=" + nbd,
                        "--export=nbd,id=e,node-name=r,name=part,writable=on",
                        "-T",
                        "anything",
                        "--pidfile=" + pidfile);
        awaitFile(pidfile);
        assertEquals(Long.toString(daemon.pid()), Files.readString(pidfile).strip());
        assertEquals(
                "8192", bench.run("nbdinfo", "--size", NbdTools.uri(nbd, "part")).ok().strip());
        Path var = onlyRun();
        assertEquals(
                PosixFilePermissions.fromString("rwx------"), Files.getPosixFilePermissions(var));

        Client.Result second = run("--blockdev", NODE, "--pidfile", pidfile.toString());
        assertEquals(1, second.status(), second.output());
        assertTrue(second.output().startsWith("diskport: cannot create PID file: "));
        assertEquals(Long.toString(daemon.pid()), Files.readString(pidfile).strip());

        bench.run("kill", daemon.pid()).ok();
        Client.Result ended = daemon.await(SOON);
        assertEquals(0, ended.status(), ended.output());
        assertEquals("", ended.output());
        assertFalse(Files.exists(pidfile), "the pidfile is gone");
        assertFalse(Files.exists(nbd), "the socket is gone");
        assertNothingIsLeft();
    }

    @Test
    void aDaemonLetsGoOfItsTerminal() throws Exception {
        Path pidfile = bench.folder().resolve("pid");
        Process process =
                new ProcessBuilder(
                                command(
                                        "--daemonize",
                                        "--blockdev",
                                        NODE,
                                        "--nbd-server",
                                        "addr.type=unix,addr.path=" + nbd,
                                        "--pidfile",
                                        pidfile.toString()))
                        .start();
        // As programs do that capture the output: to its end, which others could hold open.
        assertEquals("", new String(process.getErrorStream().readAllBytes()));
        assertEquals("", new String(process.getInputStream().readAllBytes()));
        assertEquals(0, process.waitFor());
        long pid = Long.parseLong(Files.readString(pidfile).strip());
        ProcessHandle daemon = ProcessHandle.of(pid).orElseThrow();
        try {
            assertTrue(Files.exists(nbd), "everything is there");
            for (String descriptor : new String[] {"0", "1", "2"}) {
                assertEquals(
                        Path.of("/dev/null"),
                        Files.readSymbolicLink(
                                Path.of("/proc", Long.toString(pid), "fd", descriptor)));
            }
            String nodes = ctl("--var", onlyRun(), "nodes").ok();
            assertTrue(Shell.row(nodes, "n ").contains("running"), nodes);
            daemon.destroy();
            Await.until("the daemon has ended", SOON, () -> !daemon.isAlive());
        } finally {
            daemon.destroyForcibly();
        }
        assertFalse(Files.exists(pidfile), "the pidfile is gone");
        assertNothingIsLeft();
    }

    @Test
    void aSignalDuringTheStartIsAnOrderlyEnd() throws Exception {
        Path pidfile = bench.folder().resolve("pid");
        Client daemon =
                start(
                        "--blockdev",
                        NODE,
                        "--nbd-server",
                        "addr.type=unix,addr.path=" + nbd,
                        "--pidfile",
                        pidfile.toString());
        Await.until(
                "the framework begins",
                SOON,
                () -> !runs().isEmpty() && Files.exists(onlyRun().resolve("cache")));
        bench.run("kill", daemon.pid()).ok();
        Client.Result ended = daemon.await(SOON);
        assertEquals(0, ended.status(), ended.output());
        assertEquals("", ended.output());
        assertFalse(Files.exists(pidfile), "no pidfile");
        assertFalse(Files.exists(nbd), "no socket");
        assertNothingIsLeft();
    }

    @Test
    void configurationsAreThereBesideOnlyWhereTheyAreNamed() throws Exception {
        bench.site().desireNode("conf", "memory", "size = 1M");
        Daemon daemon =
                bench.closing(
                        new Daemon(
                                bench.site(),
                                Distribution.javaHome(),
                                List.of(),
                                List.of("--blockdev", NODE)));
        Path control = bench.site().var().resolve("control");
        Await.until("it can be asked", SOON, () -> Files.exists(control));
        Await.until(
                () -> "both are there: " + daemon.log(),
                SOON,
                () -> {
                    String nodes = ctl("--var", bench.site().var(), "nodes").output();
                    return Shell.row(nodes, "n ").contains("running")
                            && Shell.row(nodes, "conf").contains("running");
                });
        daemon.end();
    }

    @Test
    void anotherUserNeedsNoFolderThatSomebodyPrepared() throws Exception {
        Require.root();
        Require.tool("setpriv", "util-linux");
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxrwxrwx"));
        List<Object> command = new ArrayList<>();
        command.addAll(
                List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env"));
        command.addAll(command("--blockdev", NODE, "--chardev", "socket,id=1,path=x"));
        Require.that(
                bench.run(
                                        "setpriv",
                                        "--reuid=65534",
                                        "--regid=65534",
                                        "--clear-groups",
                                        "test",
                                        "-r",
                                        Distribution.program())
                                .status()
                        == 0,
                "needs a build folder that every user can read");
        Client.Result refused = Client.run(bench.folder(), SOON, command.toArray());
        assertTrue(
                refused.output().startsWith("diskport: --chardev socket,id=1,path=x: "),
                refused.output());
        assertNothingIsLeft();
    }

    private void assertNothingIsLeft() throws IOException {
        assertEquals(List.of(), runs(), "folders of runs");
    }

    private Path onlyRun() throws IOException {
        List<Path> runs = runs();
        assertEquals(1, runs.size(), runs::toString);
        return runs.get(0);
    }

    private List<Path> runs() throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.filter(file -> file.getFileName().toString().startsWith("diskport"))
                    .toList();
        }
    }

    private static void awaitFile(Path file) {
        Await.until(file + " is there", SOON, () -> Daemon.read(file).endsWith("\n"));
    }

    private Client.Result run(String... arguments) {
        return Client.run(bench.folder(), SOON, command(arguments).toArray());
    }

    private Client start(String... arguments) {
        return bench.client(command(arguments).toArray());
    }

    private Client.Result ctl(Object... arguments) {
        List<Object> words = new ArrayList<>(command("ctl"));
        words.addAll(List.of(arguments));
        return Client.run(bench.folder(), SOON, words.toArray());
    }

    private List<String> command(String... arguments) {
        List<String> command = new ArrayList<>();
        command.addAll(List.of("env", "-u", "DISKPORT_VAR", "TMPDIR=" + temporary));
        command.add("JAVA_HOME=" + Distribution.javaHome());
        command.add("XDG_CACHE_HOME=" + Distribution.cache());
        command.add(Distribution.program().toString());
        command.addAll(List.of(arguments));
        return command;
    }
}
