package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.it.clients.GapReader;
import io.diskport.it.clients.HandleHolder;
import io.diskport.it.clients.MapWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The FUSE driver is replaced again and again under clients that notice nothing but a pause. */
class FuseReplacementTest {
    private static final String DRIVER = "driver-fuse.jar";
    private static final int REPLACEMENTS = Distribution.isLong() ? 60 : 10;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration WHOLE_ROUND = Duration.ofMinutes(1);
    private static final long MIB = 1 << 20;

    /** How long clients may have to wait on a busy machine; what it takes is for benchmarks. */
    private static final long LONGEST_PAUSE_MILLIS = 5000;

    private static final int HANDLES = 8;

    @RegisterExtension private final Bench bench = new Bench();

    private Path image;
    private Path export;
    private Path stop;
    private Path round;

    @BeforeEach
    void desire() {
        Require.fuse();
        image = bench.site().image("disk.raw", 64 * MIB);
        export = bench.site().mountpoint("disk");
        stop = bench.folder().resolve("stop");
        round = bench.folder().resolve("round");
        bench.site().desireFileNode("disk", image);
        bench.site().desireFuse("disk", export);
    }

    @Test
    void clientsNoticeNothing() throws Exception {
        Require.tool("fio", "fio");
        List<Path> builds = List.of(build("0.2.0"), build("0.1.0"));
        Shell shell = bench.shell();
        shell.awaitMounted(export);
        shell.awaitRow("exports", "disk", "running", Daemon.START);
        String mount = mount();
        Client fio = fio();
        Client holder = bench.clientMain(HandleHolder.class, export, 40 * MIB, HANDLES, stop);
        Client mapper = bench.clientMain(MapWriter.class, export, image, 44 * MIB, stop);
        Client reader = bench.clientMain(GapReader.class, export, 48 * MIB, 4096, stop);
        List<Client> ours = List.of(holder, mapper, reader);
        ours.forEach(client -> client.awaitOutput("open", Daemon.START));
        Await.until("fio writes", SOON, () -> written(shell) > 16 * MIB);
        int said = shell.log().length();

        for (int number = 0; number < REPLACEMENTS; number++) {
            long before = written(shell);
            replace(shell, builds.get(number % 2));
            assertTrue(written(shell) >= before, "the counters survive replacement " + number);
            assertEquals(mount, mount(), "the mount after replacement " + number);
            assertEquals(HANDLES, clients(shell, holder), "clients of the one with many handles");
            assertEquals(1, clients(shell, reader), "clients of the reader");
            assertTrue(fio.runs() && ours.stream().allMatch(Client::runs), () -> said(fio, ours));
        }

        String log = shell.log().substring(said);
        Files.createFile(stop);
        ours.forEach(
                client -> {
                    String all = client.await(SOON).ok();
                    assertTrue(all.contains("kept,"), all);
                });
        fio.await(WHOLE_ROUND).ok();
        assertEquals(REPLACEMENTS, count(log, "is kept for its driver's next version"), log);
        assertEquals(REPLACEMENTS, count(log, "Export 'disk' (fuse) is running"), log);
        assertEquals(0, count(log, " WARN ") + count(log, " ERROR "), log);
        assertEquals(mount, mount(), "the mount");
        assertPause(reader.output());
        bench.run("cmp", image, export).ok();
        verify();
        shell.end();
    }

    private void assertPause(String said) {
        long longest =
                said.lines()
                        .filter(line -> line.startsWith("gap "))
                        .mapToLong(line -> Long.parseLong(line.split(" ")[2]))
                        .max()
                        .orElse(0);
        assertTrue(longest < LONGEST_PAUSE_MILLIS, said);
    }

    private static String said(Client fio, List<Client> ours) {
        StringBuilder said = new StringBuilder(fio.output());
        ours.forEach(client -> said.append(client.output()));
        return said.toString();
    }

    private Path build(String version) throws Exception {
        return Bundles.withVersion(bench.folder(), Distribution.driver(DRIVER), version);
    }

    private void replace(Daemon daemon, Path bundle) {
        int said = daemon.log().length();
        bench.site().deploy(bundle, DRIVER);
        daemon.awaitLog(said, "Export 'disk' (fuse) is running", SOON);
    }

    /** Writes and verifies 4 x 8 MiB, each time other bytes, until it is told to stop. */
    private Client fio() throws IOException {
        Path script = bench.folder().resolve("fio.sh");
        Files.writeString(
                script,
                """
                seed=0
                until [ -e "$2" ]; do
                    seed=$((seed + 1))
                    echo $seed >"$3"
                    fio %s || exit 1
                done
                """
                        .formatted(String.join(" ", job("\"$1\"", "$seed"))));
        return bench.client("sh", script, export, stop, round);
    }

    /** Looks for what the last round has written in the image itself. */
    private void verify() throws IOException {
        List<Object> command = new ArrayList<>(List.of("fio"));
        command.addAll(job(image.toString(), Files.readString(round).strip()));
        command.add(1, "--verify_only");
        Client.run(bench.folder(), WHOLE_ROUND, command.toArray()).ok();
    }

    private static List<String> job(String file, String seed) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "--filename=" + file,
                                "--allow_file_create=0",
                                "--rw=randwrite",
                                "--randseed=" + seed,
                                "--allrandrepeat=1",
                                "--size=8M",
                                "--verify=crc32c",
                                "--verify_fatal=1",
                                "--verify_state_save=0",
                                "--verify_backlog=256",
                                "--end_fsync=1"));
        command.addAll(
                List.of(
                        "--name=direct",
                        "--numjobs=2",
                        "--offset=0",
                        "--offset_increment=8M",
                        "--direct=1",
                        "--ioengine=libaio",
                        "--iodepth=4",
                        "--bs=4k"));
        command.addAll(
                List.of(
                        "--name=buffered",
                        "--numjobs=2",
                        "--offset=16M",
                        "--offset_increment=8M",
                        "--direct=0",
                        "--ioengine=psync",
                        "--fsync=64",
                        "--bs=8k"));
        return command;
    }

    /** The mount's number and device. */
    private String mount() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .filter(line -> line.contains(" " + export + " "))
                .map(line -> line.replaceFirst("^([0-9]+) [0-9]+ ([0-9:]+) .*", "$1 $2"))
                .toList()
                .toString();
    }

    private static long count(String text, String wanted) {
        return text.lines().filter(line -> line.contains(wanted)).count();
    }

    /** How much was written, in bytes, as far as the daemon's table says. */
    private static long written(Shell shell) {
        String[] words = Shell.row(shell.type("export-info disk"), "write ").split(" +");
        double number = Double.parseDouble(words[2]);
        return (long)
                (number
                        * switch (words[3]) {
                            case "KiB" -> 1L << 10;
                            case "MiB" -> 1L << 20;
                            case "GiB" -> 1L << 30;
                            default -> 1;
                        });
    }

    /** How many handles of a client the table shows; it names the thread that has opened. */
    private static long clients(Shell shell, Client client) {
        return shell.type("export-info disk")
                .lines()
                .filter(line -> line.startsWith("process "))
                .map(line -> line.split(" +")[1])
                .filter(task -> Files.exists(Path.of("/proc/" + client.pid() + "/task/" + task)))
                .count();
    }
}
