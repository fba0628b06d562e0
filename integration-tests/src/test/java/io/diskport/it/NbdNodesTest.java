package io.diskport.it;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every kind of node is written and read through NBD, over a Unix socket and over TCP. */
class NbdNodesTest {
    @RegisterExtension private static final Bench BENCH = new Bench();

    private static Shell shell;

    /** An export of a node of its own for each test, on both listeners. */
    private record Disk(NbdNode node, Path image, String local, String tcp) {
        static Disk add(NbdNode node, String name) {
            Path image = BENCH.folder().resolve(name + ".raw");
            node.add(shell, name, image);
            String add = "export-add nbd writable=on node-name=" + name + " id=" + name;
            shell.perform(add + " server=local");
            shell.perform(add + "-tcp server=tcp");
            return new Disk(
                    node, image, NbdTools.uri(shell, name), NbdTools.uri(shell, name + "-tcp"));
        }

        void assertImage(Path data) {
            if (node.hasImage()) {
                BENCH.run("cmp", "-n", NbdNode.SIZE, data, image, "0", node.offset()).ok();
            }
        }
    }

    @BeforeAll
    static void start() throws IOException {
        NbdTools.need();
        shell = BENCH.shell().ready();
        Path socket = BENCH.socket("nbd");
        shell.perform("object-add nbd-server id=local addr.type=unix addr.path=" + socket);
        shell.perform("object-add nbd-server id=tcp addr.type=inet addr.port=0");
    }

    @ParameterizedTest
    @EnumSource
    void copiesComeBackByTheOtherListener(NbdNode node) {
        Disk disk = Disk.add(node, "copied-" + node);
        assertComesBack(disk, disk.local(), disk.tcp());
        assertComesBack(disk, disk.tcp(), disk.local());
    }

    /** Many requests at once, of odd offsets and lengths, that write to neighbouring bytes. */
    @ParameterizedTest
    @EnumSource
    void unalignedNeighboursDoNotDisturbEachOther(NbdNode node) {
        Disk disk = Disk.add(node, "neighbours-" + node);
        BENCH.run(
                        NbdTools.nbdsh(
                                disk.tcp(),
                                """
                                import random
                                random.seed(1)
                                cuts = sorted(random.sample(range(1, 400000), 299))
                                bounds = list(zip([0] + cuts, cuts + [400000]))
                                d = random.randbytes(400000)
                                random.shuffle(bounds)
                                for b, e in bounds:
                                    h.aio_pwrite(nbd.Buffer.from_bytearray(bytearray(d[b:e])),
                                                 7777 + b)
                                while h.aio_in_flight() > 0:
                                    h.poll(-1)
                                assert h.pread(400000, 7777) == d
                                assert h.pread(7777, 0) == bytes(7777)
                                """))
                .ok();
    }

    private static void assertComesBack(Disk disk, String to, String from) {
        Path data = BENCH.folder().resolve("data");
        Path back = BENCH.folder().resolve("back");
        BENCH.run("dd", "if=/dev/urandom", "of=" + data, "bs=1M", "count=8").ok();
        NbdTools.copy(BENCH, data, to);
        disk.assertImage(data);
        NbdTools.copy(BENCH, from, back);
        BENCH.run("cmp", data, back).ok();
    }
}
