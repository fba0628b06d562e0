package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A stranger's drivers: the project driver-template, as scripts/test builds it on its own. */
class TemplateTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String JAR = "http-export.jar";

    @RegisterExtension private final Bench bench = new Bench();

    private Shell shell;

    /** The jar of a version; of the second, the record has an option more. */
    private static Path template(int version) {
        return Path.of(
                System.getProperty("diskport.template", "nowhere"),
                Integer.toString(version),
                "target",
                "http-export-" + version + ".0.0.jar");
    }

    @BeforeAll
    static void need() {
        Require.that(
                Files.exists(template(1)) && Files.exists(template(2)),
                "needs driver-template to be built: scripts/test does it");
        Require.tool("curl", "curl");
        Require.tool("nbdkit", "nbdkit");
        Require.tool("fio", "fio");
        NbdTools.need();
    }

    @BeforeEach
    void deploy() {
        shell = bench.shell().ready();
        bench.site().deploy(template(1), JAR);
        shell.awaitRow("drivers", "export  http", "serving", Daemon.START);
        shell.awaitRow("drivers", "node    pattern", "serving", Daemon.START);
    }

    private String serve() {
        shell.perform("node-add pattern node-name=p size=1M");
        shell.perform("export-add http id=web node-name=p port=0");
        return NbdTools.uri(shell, "web");
    }

    @Test
    void optionsAreShownAndRefused() {
        String said = shell.type("options http");
        assertTrue(said.contains("port") && said.contains("8080"), said);
        shell.perform("node-add pattern node-name=p size=1M");
        said = shell.type("export-add http id=web node-name=p port=99999");
        assertTrue(said.startsWith("export-add: ") && said.contains("99999"), said);
        said = shell.type("export-add http id=web node-name=p sport=1");
        assertTrue(said.startsWith("export-add: ") && said.contains("sport"), said);
    }

    @Test
    void clientsOfHttpReadIt() throws IOException {
        String uri = serve();
        Path whole = bench.folder().resolve("whole");
        Path part = bench.folder().resolve("part");
        Path copy = bench.folder().resolve("copy");
        bench.run("curl", "-fsS", "-o", whole, uri).ok();
        assertEquals(1 << 20, Files.size(whole));
        bench.run("curl", "-fsS", "-r", "4088-4103", "-o", part, uri).ok();
        assertEquals(
                "0000000000000fff0000000000001007",
                HexFormat.of().formatHex(Files.readAllBytes(part)));
        String head = bench.run("curl", "-fsSI", uri).ok();
        assertTrue(head.contains("1048576") && head.toLowerCase().contains("etag"), head);
        assertEquals(
                "416",
                bench.run("curl", "-s", "-o", part, "-w", "%{http_code}", "-r", "2000000-", uri)
                        .ok());
        assertEquals(
                "200",
                bench.run(
                                "curl",
                                "-s",
                                "-o",
                                part,
                                "-w",
                                "%{http_code}",
                                "-r",
                                "0-9",
                                "-H",
                                "If-Range: \"old\"",
                                uri)
                        .ok());
        bench.run("nbdkit", "-U", "-", "curl", uri, "--run", "nbdcopy \"$uri\" " + copy).ok();
        bench.run("cmp", whole, copy).ok();
    }

    @Test
    void qemuReadsIt() {
        Require.that(
                Files.exists(Path.of("/usr/lib/x86_64-linux-gnu/qemu/block-curl.so")),
                "needs QEMU's curl driver: package qemu-block-extra");
        String said = bench.run("qemu-img", "info", "-f", "raw", serve()).ok();
        assertTrue(said.contains("virtual size: 1 MiB"), said);
    }

    /** Another type serves verified load meanwhile. */
    @Test
    void itIsUpdatedAndRemovedWhileOthersServe() throws IOException {
        Path socket = bench.socket("nbd");
        Path image = bench.site().image("disk.raw", 32 << 20);
        shell.perform("node-add file node-name=disk filename=" + image);
        shell.perform("object-add nbd-server id=s addr.type=unix addr.path=" + socket);
        shell.perform("export-add nbd id=disk node-name=disk writable=on");
        Client fio =
                bench.client(
                        "fio",
                        "--name=load",
                        "--ioengine=nbd",
                        "--uri=" + NbdTools.uri(socket, "disk"),
                        "--rw=randwrite",
                        "--bs=16k",
                        "--iodepth=4",
                        "--size=32M",
                        "--time_based",
                        "--runtime=600",
                        "--verify=crc32c",
                        "--verify_fatal=1",
                        "--verify_backlog=64",
                        "--verify_state_save=0");
        shell.awaitRow("exports", "disk", " 1 ", SOON);
        serve();

        bench.site().deploy(template(2), JAR);

        shell.awaitRow("drivers", "export  http", "2.0.0", SOON);
        shell.awaitRow("exports", "web", "running", SOON);
        bench.run("curl", "-fsS", "-o", "/dev/null", NbdTools.uri(shell, "web")).ok();
        assertTrue(shell.type("options http").contains("comment"), "its new option");
        shell.perform("export-add http id=more node-name=p port=0 comment=hello");

        bench.site().undeploy(JAR);

        shell.awaitRow("exports", "web", "waiting", SOON);
        Await.until("no driver of it is left", SOON, () -> !shell.type("drivers").contains("http"));
        assertTrue(fio.runs(), fio::output);
        bench.run("kill", "-INT", fio.pid()).ok();
        String result = fio.await(SOON).output();
        assertTrue(result.contains("err= 0"), result);
    }
}
