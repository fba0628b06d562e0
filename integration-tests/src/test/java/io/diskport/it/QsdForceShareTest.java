package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An image that two processes want: the same with Diskport and with QEMU's storage daemon. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class QsdForceShareTest extends QsdSessions {
    private static final List<String> DONE = List.of("{\"return\": {}}");

    private Path image;
    private Path nbd;

    @BeforeEach
    void files() {
        Require.tool("qemu-img", "qemu-utils");
        image = folder.resolve("disk.image");
        nbd = folder.resolve("nbd");
    }

    /** QEMU holds the image with its format, and shares neither writing nor resizing it. */
    @ParameterizedTest
    @EnumSource
    void besideAWriterWhoeverSharesEverythingReads(StorageDaemon daemon) throws Exception {
        StorageDaemon.QEMU.need();
        bench.run("qemu-img", "create", "-f", "qcow2", image, "1M").ok();
        Path pidfile = folder.resolve("writer-pid");
        start(
                StorageDaemon.QEMU,
                "--blockdev",
                "qcow2,node-name=n,file.driver=file,file.filename=" + image,
                "--nbd-server",
                "addr.type=unix,addr.path=" + folder.resolve("writer"),
                "--export",
                "nbd,id=e,node-name=n,writable=on",
                "--pidfile",
                pidfile.toString());
        Await.until("QEMU holds it", Daemon.START, () -> Files.exists(pidfile));
        QmpClient monitor = session(daemon);
        String file = "'driver':'file','filename':'" + image + "'";
        String shared = "'force-share':true,'read-only':true";
        add(monitor, "'node-name':'plain'," + file);
        refused("Failed to get \\\"write\\\" lock", export(monitor, "plain", true));
        refused(
                "force-share=on can only be used with read-only images",
                blockdev(monitor, "'node-name':'x','force-share':true," + file));
        add(monitor, "'node-name':'shared'," + shared + "," + file);
        if (daemon == StorageDaemon.DISKPORT) {
            // An export by NBD of QEMU's does not share the length, whatever its node does.
            assertEquals(DONE, export(monitor, "shared", false));
        }
        add(monitor, "'node-name':'above','driver':'raw','read-only':true,'file':'shared'");
        assertEquals(DONE, export(monitor, "above", false));
        // A child takes over what its parent says, and the other way round not.
        add(monitor, "'node-name':'over','driver':'raw'," + shared + ",'file':{" + file + "}");
        assertEquals(DONE, export(monitor, "over", false));
        add(
                monitor,
                "'node-name':'under','driver':'raw','read-only':true,'file':{'force-share':true,"
                        + file
                        + "}");
        assertEquals(DONE, export(monitor, "under", false));
        refused(
                "force-share=on can only be used with read-only images",
                blockdev(
                        monitor,
                        "'node-name':'x','driver':'raw','file':{'force-share':true," + file + "}"));
        for (String name : List.of("above", "over", "under")) {
            String read =
                    bench.run(
                                    "qemu-io",
                                    "-r",
                                    "-f",
                                    "raw",
                                    "-c",
                                    "read -v 0 4",
                                    NbdTools.uri(nbd, name))
                            .ok();
            assertTrue(read.contains("51 46 49 fb"), read);
        }
    }

    /** QEMU's program looks for the format, which does not share writing, unless told to. */
    @ParameterizedTest
    @EnumSource
    void whatIsWrittenHereOnlyWhoeverSharesEverythingLooksAt(StorageDaemon daemon)
            throws Exception {
        bench.run("qemu-img", "create", "-f", "qcow2", image, "1M").ok();
        QmpClient monitor = session(daemon);
        add(monitor, "'node-name':'n','driver':'file','filename':'" + image + "'");
        assertEquals(DONE, export(monitor, "n", true));
        Client.Result refused = bench.run("qemu-img", "info", image);
        assertNotEquals(0, refused.status(), refused.output());
        assertTrue(
                refused.output().contains("Failed to get shared \"write\" lock"), refused.output());
        assertTrue(bench.run("qemu-img", "info", "-U", image).ok().contains("1 MiB"));
    }

    private QmpClient session(StorageDaemon daemon) throws Exception {
        Process process =
                start(
                        daemon,
                        "--nbd-server",
                        "addr.type=unix,addr.path=" + nbd,
                        "--chardev",
                        "stdio,id=c",
                        "--monitor",
                        "c");
        return bench.closing(QmpClient.of(process)).ready();
    }

    private static void add(QmpClient monitor, String options) {
        assertEquals(DONE, blockdev(monitor, options));
    }

    private static List<String> blockdev(QmpClient monitor, String options) {
        return monitor.ask("{'execute':'blockdev-add','arguments':{" + options + "}}");
    }

    private static List<String> export(QmpClient monitor, String node, boolean writable) {
        return monitor.ask(
                "{'execute':'block-export-add','arguments':{'type':'nbd','id':'"
                        + node
                        + "','node-name':'"
                        + node
                        + "','writable':"
                        + writable
                        + "}}");
    }

    private static void refused(String words, List<String> said) {
        assertEquals(1, said.size(), said::toString);
        assertTrue(
                said.get(0)
                        .startsWith(
                                "{\"error\": {\"class\": \"GenericError\", \"desc\": \"" + words),
                said::toString);
    }
}
