package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.it.clients.RecordWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The driver's bundle is taken out of deploy/ while clients are at work. */
class DriverRemovalTest {
    private static final String DRIVER = "driver-fuse.jar";

    /** A look of File Install's, and the end of an export. */
    private static final Duration GONE = Duration.ofSeconds(12);

    @RegisterExtension private final Bench bench = new Bench();

    private Path image;
    private Path export;
    private Daemon daemon;

    @BeforeEach
    void start() {
        Require.fuse();
        Site site = bench.site();
        image = site.image("disk.raw", 1 << 30);
        export = site.mountpoint("disk");
        site.desireFileNode("disk", image);
        site.desireFuse("disk", export);
        daemon = bench.start();
        daemon.awaitMounted(export);
    }

    @Test
    void clientsSeeErrorsAndDoNotHang() {
        Require.tool("fio", "fio");
        Client fio =
                bench.client(
                        "fio",
                        "--name=load",
                        "--filename=" + export,
                        "--rw=randrw",
                        "--bs=4k",
                        "--size=32M",
                        "--time_based",
                        "--runtime=120",
                        "--status-interval=1",
                        "--allow_file_create=0");
        fio.awaitOutput("bw=", Daemon.START);

        bench.site().undeploy(DRIVER);

        assertNotEquals(0, fio.await(GONE).status());
        daemon.awaitUnmounted(export, GONE);
        daemon.end();
    }

    @Test
    void acknowledgedRecordsAreInTheImage() throws Exception {
        Client writer = bench.clientMain(RecordWriter.class, export, 262_144);
        writer.awaitOutput("acknowledged 200\n", Daemon.START);

        bench.site().undeploy(DRIVER);

        String said = writer.await(GONE).ok();
        assertTrue(said.contains("error "), said);
        assertRecords(said.lines().filter(line -> line.startsWith("acknowledged")).count());
    }

    @Test
    void exportRunsAgainWithinFiveSeconds() {
        Path kept = bench.folder().resolve("written");
        bench.run("dd", "if=/dev/urandom", "of=" + kept, "bs=1M", "count=1").ok();
        bench.run("dd", "if=" + kept, "of=" + export, "conv=notrunc,fsync").ok();
        bench.site().undeploy(DRIVER);
        daemon.awaitUnmounted(export, GONE);

        bench.site().deploy(Distribution.driver(DRIVER));

        daemon.awaitMounted(export, Duration.ofSeconds(5));
        bench.run("cmp", "-n", 1 << 20, kept, export).ok();
    }

    private void assertRecords(long count) throws IOException {
        try (FileChannel file = FileChannel.open(image)) {
            for (int number = 0; number < count; number++) {
                ByteBuffer found = ByteBuffer.allocate(RecordWriter.LENGTH);
                file.read(found, (long) number * RecordWriter.LENGTH);
                assertTrue(RecordWriter.record(number).equals(found.flip()), "record " + number);
            }
        }
    }
}
