package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** diskport ctl and diskport shell, with a daemon that has no shell of its own. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CtlTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    @RegisterExtension private static final Bench BENCH = new Bench();

    private static Daemon daemon;
    private static Path control;

    @BeforeAll
    static void start() {
        control = BENCH.site().var().resolve("control");
        daemon = BENCH.start();
        Await.until(
                () -> "it can be asked; it says: " + daemon.log(),
                SOON,
                () -> ctl("drivers").output().contains("node-file"));
    }

    @AfterAll
    static void nothingIsLeft() {
        assertFalse(Files.exists(control), "the socket goes with the daemon");
    }

    @Test
    void theSocketIsForItsOwnerOnly() throws Exception {
        assertEquals(
                PosixFilePermissions.fromString("rw-------"),
                Files.getPosixFilePermissions(control));
    }

    @Test
    void aCommandHasItsOutputAndItsStatus() {
        assertEquals("m is running\n", ctl("node-add", "memory", "node-name=m", "size=1M").ok());
        assertTrue(Shell.row(ctl("nodes").ok(), "m ").contains("1 MiB"));
        Client.Result again = ctl("node-add", "memory", "node-name=m", "size=1M");
        assertEquals(1, again.status(), again.output());
        assertTrue(again.output().startsWith("node-add: "), again.output());
        assertEquals(1, again.output().lines().count(), again.output());
        ctl("node-del", "m").ok();
    }

    @Test
    void wordsReachTheCommandAsTheyAre() throws Exception {
        Path image = BENCH.site().image("an image, $x.raw", 4096);
        ctl(
                        "node-add",
                        "{\"driver\": \"file\", \"node-name\": \"q\", \"filename\": \""
                                + image
                                + "\"}")
                .ok();
        assertTrue(ctl("nodes", "-v").ok().contains("filename=" + image));
        ctl("node-del", "q").ok();
    }

    @Test
    void aWordWithSpacesIsALine() {
        assertEquals(
                "l is running\n", ctl("name = l; node-add memory node-name=$name 'size=1M'").ok());
        assertEquals(1, ctl("node-del nope").status());
        assertEquals("", ctl("node-del l").ok().replace("l is gone\n", ""));
    }

    @Test
    void mistakesAreNamed() {
        assertFails(1, "diskport: there is no command tape; see diskport ctl help\n", "tape");
        assertFails(
                1,
                "diskport: the line cannot be read: unexpected end while looking for array key\n",
                "drivers [");
        assertFails(
                1,
                "diskport: the line cannot be read: unexpected end looking for matching quote: \"\n",
                "drivers \"");
        assertFails(1, "diskport ctl: which command? See diskport ctl help\n");
        assertFails(1, "diskport ctl: unrecognized option '-x'; see diskport ctl --help\n", "-x");
        assertTrue(ctl("--help").ok().startsWith("Usage: diskport ctl"));
        assertTrue(ctl("help").ok().contains("export-add"));
    }

    @Test
    void whereNobodyRunsThatIsSaid() {
        Path none = BENCH.folder().resolve("none");
        Client.Result result = client("ctl", "--var", none.toString(), "nodes");
        assertEquals(2, result.status(), result.output());
        assertEquals(
                "diskport ctl: no Diskport answers at "
                        + none.resolve("control")
                        + " (No such folder): start one, or name its folder with --var\n",
                result.output());
    }

    @Test
    void aShellIsForManyLines() throws Exception {
        Process shell = process("shell");
        try (Writer input = shell.outputWriter(StandardCharsets.UTF_8)) {
            input.write("name = s\nnode-add memory node-name=$name size=1M\n\nnode-del $name\n");
            input.write("exit\nnode-add memory node-name=late size=1M\n");
        }
        String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, shell.waitFor(), said);
        assertTrue(said.startsWith("s\ns is running\n"), said);
        assertTrue(daemon.runs(), "the end of a shell is not that of the daemon");
        assertFalse(ctl("nodes").ok().contains("late"));
    }

    @Test
    void onATerminalTheTabKeyCompletesAndCtrlCTakesBack() {
        Require.tool("python3", "python3");
        ctl("node-add", "memory", "node-name=tabbed", "size=1M").ok();
        terminal(
                        "diskport> ",
                        "node-d\t",
                        "node-del ",
                        "ta\t",
                        "tabbed ",
                        "\003", // Ctrl-C
                        "diskport> ",
                        "export-del x --m\t",
                        "--mode ",
                        "h\t",
                        "hard", // or hide
                        "\003",
                        "diskport> ",
                        "options nod\t",
                        "node ",
                        "nul\t",
                        "null-", // co or aio
                        "\003",
                        "diskport> ",
                        "node-del tabbed\r",
                        "tabbed is gone",
                        "",
                        "diskport> ",
                        "stats -i 1\r",
                        "EXPORT",
                        "\003",
                        "diskport> ",
                        "\033OA\033OA\r", // the line before the last one
                        "node-del: ",
                        "",
                        "diskport> ",
                        "objects\r",
                        "diskport> ",
                        "\004") // Ctrl-D
                .ok();
        assertTrue(daemon.runs());
    }

    @Test
    void aClientThatGoesEndsItsCommand() throws Exception {
        Process stats = process("ctl", "stats", "-i", "1");
        stats.getInputStream().read();
        stats.destroyForcibly().waitFor();
        Await.until(
                "its threads are gone",
                SOON,
                () ->
                        !Client.run(BENCH.folder(), "jstack", daemon.pid())
                                .ok()
                                .contains("diskport-control-c"));
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void theCommandExitEndsTheDaemon() {
        ctl("exit").ok();
        daemon.awaitOrderlyEnd();
    }

    private static void assertFails(int status, String message, String... words) {
        Client.Result result = ctl(words);
        assertEquals(status, result.status(), result.output());
        assertEquals(message, result.output());
    }

    private static Client.Result ctl(String... words) {
        List<String> all = new ArrayList<>(List.of("ctl"));
        all.add("--var=" + BENCH.site().var());
        all.addAll(List.of(words));
        return client(all.toArray(String[]::new));
    }

    /** A person who waits for something, types something, and so on. */
    private static Client.Result terminal(String... steps) {
        List<String> command = new ArrayList<>(List.of("python3"));
        command.add(Distribution.classes(CtlTest.class).resolve("clients/terminal.py").toString());
        command.addAll(List.of(steps));
        command.add("--");
        command.addAll(command("shell", "--var=" + BENCH.site().var()));
        return Client.run(BENCH.folder(), SOON, command.toArray());
    }

    private static Client.Result client(String... words) {
        return Client.run(BENCH.folder(), SOON, command(words).toArray());
    }

    private static Process process(String... words) throws Exception {
        List<String> command = command(words);
        command.add(4, "DISKPORT_VAR=" + BENCH.site().var());
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static List<String> command(String... words) {
        List<String> command = new ArrayList<>();
        command.addAll(List.of("env", "-u", "DISKPORT_VAR"));
        command.add("JAVA_HOME=" + Distribution.javaHome());
        command.add(Distribution.program().toString());
        command.addAll(List.of(words));
        return command;
    }
}
