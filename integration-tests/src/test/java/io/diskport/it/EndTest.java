package io.diskport.it;

import io.diskport.it.drivers.hanging.HangingNodeDriver;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The end of a daemon: in order, within ten seconds, and nothing is left. */
class EndTest {
    @RegisterExtension private final Bench bench = new Bench();

    private Path export;

    @BeforeEach
    void desire() {
        Require.fuse();
        export = bench.site().mountpoint("disk");
        bench.site().desireFileNode("disk", bench.site().image("disk.raw", 64 << 20));
        bench.site().desireFuse("disk", export);
    }

    @Test
    void sigtermUnderLoad() {
        assertEndsUnderLoad("TERM");
    }

    @Test
    void sigintUnderLoad() {
        assertEndsUnderLoad("INT");
    }

    @Test
    void nodeThatHangs() throws Exception {
        bench.site().deploy(Bundles.build(bench.folder(), HangingNodeDriver.class));
        Path hanging = bench.site().mountpoint("hanging");
        bench.site().desireNode("h", "hanging");
        bench.site().desireFuse("h", hanging);
        Shell shell = bench.shell();
        shell.awaitMounted(hanging);
        shell.awaitMounted(export);
        Client reader = bench.client("dd", "if=" + hanging, "of=/dev/null", "bs=1M", "skip=12");
        shell.awaitOutput("export-info h", "in flight      1", Daemon.START);

        shell.end();

        reader.await(Daemon.END);
    }

    @Test
    void nodeDefinedInsideAnother() {
        Shell shell = bench.shell().ready();
        shell.perform("node-add raw node-name=outer file.driver=memory file.size=1M");
        shell.end();
    }

    @Test
    void exitOfTheShell() {
        Shell shell = bench.shell();
        shell.awaitMounted(export);
        shell.send("exit\n");
        shell.awaitOrderlyEnd();
    }

    @Test
    void endOfTheShellsInput() throws Exception {
        Shell shell = bench.shell().ready();
        shell.awaitMounted(export);
        shell.closeInput();
        shell.awaitOrderlyEnd();
    }

    @Test
    void firstRunThatMakesItsClassArchive() throws Exception {
        Distribution.takeBackArchive(bench.site().var());
        Daemon daemon = bench.start();
        daemon.awaitMounted(export);
        daemon.end();
    }

    @Test
    void beforeTheStartIsOver() {
        Daemon daemon = bench.start();
        daemon.awaitLog("Installing bundle", Daemon.START);
        daemon.end();
    }

    private void assertEndsUnderLoad(String signal) {
        Require.tool("fio", "fio");
        Daemon daemon = bench.start();
        daemon.awaitMounted(export);
        Client open = bench.client("tail", "-f", "-c", "1", export);
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

        daemon.signal(signal);
        daemon.awaitOrderlyEnd();

        fio.await(Daemon.END);
        open.close();
        Daemon next = bench.start();
        next.awaitMounted(export);
        next.end();
    }
}
