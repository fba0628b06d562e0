package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is written through an export is in the image beneath it. */
class DataTest {
    private static final long SIZE = 64 << 20;
    private static final String WRITTEN = Distribution.isLong() ? "2G" : "32M";
    private static final Duration LONG = Duration.ofMinutes(Distribution.isLong() ? 10 : 1);

    /** Files of many sizes, some of them deleted after they were on the disk. */
    private static final String FILES =
            """
            cd "$0"
            for i in $(seq 200); do head -c $((i * 731)) /dev/urandom >file$i; done
            sync -f .
            rm file*3
            echo kept >last
            """;

    @RegisterExtension private static final Bench BENCH = new Bench();

    private static Path image;
    private static Path export;

    @BeforeAll
    static void start() {
        Require.fuse();
        Site site = BENCH.site();
        image = site.image("disk.raw", SIZE);
        export = site.mountpoint("disk");
        site.desireFileNode("disk", image, "discard = unmap");
        site.desireFuse("disk", export);
        BENCH.start().awaitMounted(export);
    }

    @Test
    void fileSystemOnTheExport() throws Exception {
        Require.loopDevices();
        Require.tool("mkfs.ext4", "e2fsprogs");
        Path folder = Files.createDirectories(BENCH.folder().resolve("ext4"));
        BENCH.run("mkfs.ext4", "-q", "-F", export).ok();
        BENCH.run("mount", "-o", "loop", export, folder).ok();
        BENCH.run("sh", "-c", FILES, folder).ok();
        String written = checksums(folder);
        BENCH.run("umount", folder).ok();

        BENCH.run("e2fsck", "-f", "-n", image).ok();
        BENCH.run("mount", "-o", "loop,ro", image, folder).ok();
        try {
            assertEquals(written, checksums(folder));
        } finally {
            BENCH.run("umount", folder).ok();
        }
    }

    @Test
    void randomAndMixedRequests() {
        Require.tool("fio", "fio");
        Require.tool("qemu-img", "qemu-utils");
        String random = fio("random", "--rw=randwrite", "--bsrange=512-64k", "--bs_unaligned=1");
        assertFalse(random.contains("verify:"), random);
        String mixed = fio("mixed", "--rw=randrw", "--bs=4k,64k", "--direct=1", "--iodepth=8");
        assertFalse(mixed.contains("verify:"), mixed);

        String compared = BENCH.run("qemu-img", "compare", "-f", "raw", image, export).ok();
        assertTrue(compared.contains("Images are identical"), compared);
    }

    private static String fio(String name, String... how) {
        List<Object> command =
                new ArrayList<>(
                        List.of(
                                "fio",
                                "--name=" + name,
                                "--filename=" + export,
                                "--ioengine=libaio",
                                "--size=32M",
                                "--io_size=" + WRITTEN,
                                "--verify=crc32c",
                                "--verify_fatal=1",
                                "--allow_file_create=0",
                                "--end_fsync=1"));
        command.addAll(List.of(how));
        return Client.run(BENCH.folder(), LONG, command.toArray()).ok();
    }

    private static String checksums(Path folder) {
        return BENCH.run(
                        "sh",
                        "-c",
                        "cd $0 && find . -type f -print0 | sort -z | xargs -0 sha256sum",
                        folder)
                .ok();
    }
}
