package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The NBD driver is replaced again and again, and taken out and put back. */
class NbdReplacementTest {
    private static final String DRIVER = "driver-nbd.jar";
    private static final int REPLACEMENTS = Distribution.isLong() ? 50 : 5;
    private static final int UPDATES = Distribution.isLong() ? 100 : 8;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final long MIB = 1 << 20;

    /** How long clients may have to wait on a busy machine; what it takes is for benchmarks. */
    private static final long LONGEST_PAUSE_MILLIS = 5000;

    @RegisterExtension private final Bench bench = new Bench();

    private Path image;
    private Path socket;
    private Path stop;
    private String local;

    @BeforeEach
    void desire() throws IOException {
        NbdTools.need();
        image = bench.site().image("disk.raw", 64 * MIB);
        socket = bench.socket("nbd");
        stop = bench.folder().resolve("stop");
        local = NbdTools.uri(socket, "disk");
        bench.site().desireFileNode("disk", image);
        bench.site().desireNbdServer("local", socket, "handshake-timeout = 60s");
        bench.site().desireNbd("disk", "local");
    }

    @Test
    void exportsWaitForTheDriverAndSayWhichBundle() {
        bench.site().undeploy(DRIVER);
        Shell shell = bench.shell();
        shell.awaitRow(
                "exports",
                "disk",
                "no NBD driver is deployed; put driver-nbd.jar into deploy/",
                Daemon.START);

        bench.site().deploy(Distribution.driver(DRIVER));

        shell.awaitRow("exports", "disk", "running", SOON);
        bench.run("nbdinfo", local).ok();
    }

    @Test
    void clientsUnderLoadNoticeNothing() throws Exception {
        Require.tool("fio", "fio");
        bench.site().desireObject("tcp", "nbd-server", "addr.type = inet", "addr.port = 0");
        bench.site().desireExport("far", "nbd", "node-name = disk", "server = tcp", "name = far");
        List<Path> builds = List.of(build("0.2.0"), build("0.1.0"));
        Shell shell = running("disk", "far");
        Client fio = fio(NbdTools.uri(shell, "far"), "8M");
        Client reader = open("gaps.py", local, 48 * MIB, 1024, stop);
        shell.awaitRow("exports", "far", " 4 ", SOON);
        List<String> clients = clients(shell, "far");
        int said = shell.log().length();

        for (int number = 0; number < REPLACEMENTS; number++) {
            replace(shell, builds.get(number % 2), "disk", "far");
            assertEquals(clients, clients(shell, "far"), "clients after replacement " + number);
            assertTrue(fio.runs() && reader.runs(), () -> fio.output() + reader.output());
        }

        String log = shell.log().substring(said);
        Files.createFile(stop);
        String all = reader.await(SOON).ok();
        bench.run("kill", "-INT", fio.pid()).ok();
        String result = fio.await(SOON).output();
        assertTrue(result.contains("err= 0"), result);
        assertEquals(0, count(log, " WARN ") + count(log, " ERROR "), log);
        long longest = Long.parseLong(all.replaceFirst("(?s).*longest ([0-9]+) ms.*", "$1"));
        System.out.println(
                REPLACEMENTS + " replacements, " + all.lines().skip(1).findFirst().orElse(""));
        assertTrue(longest < LONGEST_PAUSE_MILLIS, all);
        bench.run("qemu-img", "compare", "-f", "raw", "-F", "raw", local, image).ok();
        shell.end();
    }

    /** Requests that are with the node when the driver is replaced are answered by the next one. */
    @ParameterizedTest
    @EnumSource(names = {"DIRECT", "THROTTLE"})
    void requestsThatWaitInTheNodeAreAnswered(NbdNode node) throws Exception {
        Require.tool("fio", "fio");
        Shell shell = running("disk");
        node.add(shell, "slow", bench.folder().resolve("slow.raw"));
        shell.perform("export-add nbd id=slow node-name=slow name=slow writable=on");
        Client fio = fio(NbdTools.uri(socket, "slow"), "2M");
        shell.awaitRow("exports", "slow", " 4 ", SOON);

        for (int number = 0; number < 3; number++) {
            int said = shell.log().length();
            bench.site().redeploy(DRIVER);
            awaitRunning(shell, said, "slow");
            assertEquals(4, clients(shell, "slow").size(), "clients after replacement " + number);
            assertTrue(fio.runs(), fio::output);
        }

        bench.run("kill", "-INT", fio.pid()).ok();
        String result = fio.await(SOON).output();
        assertTrue(result.contains("err= 0"), result);
    }

    @Test
    void nothingGrowsUnderClientsThatAreHandedOver() throws Exception {
        Held.need();
        Shell shell = running("disk");
        Client idle = open("idle.py", local, 0);
        Client busy = open("gaps.py", local, MIB, 16, stop);
        Client greeted = open("half_greeted.py", local, "flagged");
        update(shell);
        update(shell);
        String driver = "io.diskport.nbd.server.NbdServer";
        Held before = Held.by(shell, driver);

        for (int number = 2; number < UPDATES; number++) {
            update(shell);
        }

        Held.by(shell, driver).assertNotMoreThan(before);
        Files.createFile(stop);
        for (Client client : List.of(idle, busy, greeted)) {
            assertKept(client);
        }
    }

    @Test
    void whatIsFlushedIsThereWhenTheDriverIsTakenOutAndPutBack() throws Exception {
        Shell shell = running("disk");
        Client writer = bench.client(NbdTools.client("records.py", local, 16_000));
        writer.awaitOutput("flushed 100\n", SOON);

        bench.site().undeploy(DRIVER);
        shell.awaitRow("exports", "disk", "waiting", SOON);
        String said = writer.await(SOON).ok();
        assertTrue(said.contains("error "), said);
        bench.site().deploy(Distribution.driver(DRIVER));
        shell.awaitRow("exports", "disk", "running", SOON);

        bench.run("nbdcopy", local, bench.folder().resolve("copy")).ok();
        assertRecords(bench.folder().resolve("copy"), said);
    }

    /** A second daemon's node connects anew, and its client waits. */
    @Test
    void clientOfAnNbdNodeWaitsUntilTheDriverIsPutBack() throws Exception {
        Require.that(
                Files.exists(Distribution.driver("node-nbd.jar")), "needs node-nbd.jar in deploy/");
        Shell shell = running("disk");
        Path between = bench.socket("between");
        Site site = Site.make(bench.folder().resolve("second"));
        site.desireNode("far", "nbd", "uri = " + local, "reconnect-delay = 60s");
        site.desireNbdServer("local", between);
        site.desireNbd("far", "local");
        Shell second = bench.closing(Shell.start(site));
        second.awaitRow("exports", "far", "running", Daemon.START);
        Client writer =
                bench.client(NbdTools.client("records.py", NbdTools.uri(between, "far"), 16_000));
        writer.awaitOutput("flushed 100\n", SOON);

        bench.site().undeploy(DRIVER);
        shell.awaitRow("exports", "disk", "waiting", SOON);
        int before = writer.output().length();
        bench.site().deploy(Distribution.driver(DRIVER));

        Await.until(
                () -> "the writer goes on: " + writer.output().substring(before) + second.log(),
                SOON,
                () -> writer.output().substring(before).lines().count() > 20);
        assertTrue(writer.runs(), writer.output());
        String said = writer.output();
        writer.close();
        assertRecords(image, said);
    }

    private Shell running(String... exports) {
        Shell shell = bench.shell();
        for (String export : exports) {
            shell.awaitRow("exports", export, "running", Daemon.START);
        }
        return shell;
    }

    private Client open(String name, Object... arguments) {
        Client client = bench.client(NbdTools.client(name, arguments));
        client.awaitOutput("open\n", Daemon.START);
        return client;
    }

    private static void assertKept(Client client) {
        client.go();
        String said = client.await(SOON).ok();
        assertTrue(said.contains("kept"), said);
    }

    private void assertRecords(Path file, String said) {
        long flushed = said.lines().filter(line -> line.startsWith("flushed ")).count();
        bench.run(NbdTools.client("records.py", "--check", file, flushed)).ok();
    }

    private Path build(String version) throws Exception {
        return Bundles.withVersion(bench.folder(), Distribution.driver(DRIVER), version);
    }

    private void replace(Daemon daemon, Path bundle, String... exports) {
        int said = daemon.log().length();
        bench.site().deploy(bundle, DRIVER);
        awaitRunning(daemon, said, exports);
    }

    private void update(Daemon daemon) {
        int said = daemon.log().length();
        bench.site().redeploy(DRIVER);
        awaitRunning(daemon, said, "disk");
    }

    private static void awaitRunning(Daemon daemon, int said, String... exports) {
        for (String export : exports) {
            daemon.awaitLog(said, "Export '" + export + "' (nbd) is running", SOON);
        }
    }

    /** Four connections, each of which writes and verifies, until it is interrupted. */
    private Client fio(String uri, String each) {
        return bench.client(
                "fio",
                "--name=load",
                "--ioengine=nbd",
                "--uri=" + uri,
                "--rw=randwrite",
                "--numjobs=4",
                "--iodepth=4",
                "--size=" + each,
                "--offset_increment=" + each,
                "--bsrange=4k-64k",
                "--time_based",
                "--runtime=600",
                "--verify=crc32c",
                "--verify_fatal=1",
                "--verify_state_save=0",
                "--verify_backlog=64",
                "--group_reporting");
    }

    /** The addresses of an export's clients. */
    private static List<String> clients(Shell shell, String export) {
        return shell.type("export-info " + export)
                .lines()
                .filter(line -> line.startsWith("127.0.0.1:") || line.startsWith("local:"))
                .map(line -> line.split(" ")[0])
                .sorted()
                .toList();
    }

    private static long count(String text, String wanted) {
        return text.lines().filter(line -> line.contains(wanted)).count();
    }
}
