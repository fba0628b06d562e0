package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertFalse;

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

/** What four clients write at once, each of them finds again. */
@ParameterizedClass
@EnumSource(FuseEngine.class)
class FuseFioTest {
    private static final long SIZE = 64 << 20;
    private static final String WRITTEN = Distribution.isLong() ? "1G" : "24M";
    private static final Duration DEADLINE = Duration.ofMinutes(Distribution.isLong() ? 10 : 2);

    @RegisterExtension private final Bench bench = new Bench();

    @Parameter private FuseEngine engine;

    private Path image;
    private Path export;

    @BeforeEach
    void start() {
        Require.fuse();
        Require.tool("fio", "fio");
        image = bench.site().image("disk.raw", SIZE);
        export = bench.site().mountpoint("disk");
        bench.site().desireFileNode("disk", image, "discard = unmap");
        engine.desire(bench.site(), "disk", export);
        bench.start().awaitMounted(export);
    }

    @Test
    void buffered() {
        verify("--ioengine=psync", "--bsrange=512-64k", "--bs_unaligned=1");
    }

    @Test
    void direct() {
        verify("--direct=1", "--ioengine=libaio", "--iodepth=8", "--bsrange=4k-256k");
    }

    private void verify(String... how) {
        List<Object> command =
                new ArrayList<>(
                        List.of(
                                "fio",
                                "--name=clients",
                                "--filename=" + export,
                                "--allow_file_create=0",
                                "--rw=randwrite",
                                "--numjobs=4",
                                "--size=16M",
                                "--offset_increment=16M",
                                "--io_size=" + WRITTEN,
                                "--verify=crc32c",
                                "--verify_fatal=1",
                                "--verify_state_save=0",
                                "--end_fsync=1",
                                "--group_reporting"));
        command.addAll(List.of(how));
        String said = Client.run(bench.folder(), DEADLINE, command.toArray()).ok();
        assertFalse(said.contains("verify:"), said);
        bench.run("cmp", image, export).ok();
    }
}
