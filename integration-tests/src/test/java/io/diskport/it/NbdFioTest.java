package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients of fio write at once, each of them finds again. */
class NbdFioTest {
    private static final int MIB = Distribution.isLong() ? 1024 : 32;
    private static final Duration DEADLINE = Duration.ofMinutes(Distribution.isLong() ? 10 : 1);

    @RegisterExtension private static final Bench BENCH = new Bench();

    private static Shell shell;
    private static Path socket;

    @BeforeAll
    static void start() throws IOException {
        NbdTools.need();
        Require.tool("fio", "fio");
        shell = BENCH.shell().ready();
        socket = BENCH.socket("nbd");
        shell.perform("object-add nbd-server id=local addr.type=unix addr.path=" + socket);
    }

    @ParameterizedTest
    @CsvSource({"MEMORY,1", "MEMORY,4", "FILE,1", "FILE,4", "DIRECT,4"})
    void findsWhatItWrote(NbdNode node, int connections) {
        String name = node + "-" + connections;
        Path image = BENCH.folder().resolve(name);
        node.add(shell, name, image);
        shell.perform("export-add nbd writable=on id=%s node-name=%s".formatted(name, name));
        String uri = NbdTools.uri(socket, name);

        String said = Client.run(BENCH.folder(), DEADLINE, job(uri, connections).toArray()).ok();

        assertTrue(said.contains("err= 0"), said);
        if (node.hasImage()) {
            BENCH.run("qemu-img", "compare", "-f", "raw", "-F", "raw", uri, image).ok();
        }
    }

    private static List<Object> job(String uri, int connections) {
        long part = NbdNode.SIZE / connections;
        return new ArrayList<>(
                List.of(
                        "fio",
                        "--name=clients",
                        "--ioengine=nbd",
                        "--uri=" + uri,
                        "--rw=randwrite",
                        "--numjobs=" + connections,
                        "--iodepth=8",
                        "--size=" + part,
                        "--offset_increment=" + part,
                        "--io_size=" + MIB / connections + "M",
                        "--bsrange=512-64k",
                        "--bs_unaligned=1",
                        "--verify=crc32c",
                        "--verify_fatal=1",
                        "--verify_state_save=0",
                        "--verify_backlog=64",
                        "--end_fsync=1",
                        "--group_reporting"));
    }
}
