package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients of libnbd and QEMU with keys that both ends know, and the bundle that is optional. */
class NbdPskTest {
    private static final String KEY = "6a".repeat(32);
    private static final String TYPE = "object  tls-creds-psk";

    @RegisterExtension private final Bench bench = new Bench();

    private Shell shell;

    @BeforeEach
    void start() {
        NbdTools.need();
        shell = bench.shell().ready();
    }

    @Test
    void itIsNotThereUntilItIsDeployed() {
        assertFalse(shell.type("drivers").contains("tls-creds-psk"), "it is optional");
        bench.site().deploy(Distribution.optional("tls-psk.jar"));
        shell.awaitRow("drivers", TYPE, "serving", Daemon.START);
    }

    @Test
    void whoKnowsTheKeyGetsInAndNobodyElse() throws IOException {
        bench.site().deploy(Distribution.optional("tls-psk.jar"));
        shell.awaitRow("drivers", TYPE, "serving", Daemon.START);
        Path right = keys("right", "alice:" + KEY);
        Path wrong = keys("wrong", "alice:" + "6b".repeat(32));
        Path data = bench.folder().resolve("data");
        Path back = bench.folder().resolve("back");
        bench.run("dd", "if=/dev/urandom", "of=" + data, "bs=1M", "count=8").ok();
        shell.perform("node-add memory node-name=m size=8M");
        shell.perform("object-add tls-creds-psk id=psk dir=" + right);
        shell.perform("object-add nbd-server id=s addr.type=inet addr.port=0 tls-creds=psk");
        shell.perform("export-add nbd id=m node-name=m writable=on");
        String uri = NbdTools.uri(shell, "m");
        assertTrue(uri.startsWith("nbds://"), uri);

        NbdTools.copy(bench, data, with(uri, right));
        NbdTools.copy(bench, with(uri, right), back);
        bench.run("cmp", data, back).ok();
        assertTrue(qemu(uri, right).ok().contains("virtual size: 8 MiB"), "QEMU's client");

        int said = shell.log().length();
        assertNotEquals(0, bench.run("nbdinfo", with(uri, wrong)).status());
        shell.awaitLog(said, "is dropped: TLS", Daemon.END);
        assertNotEquals(0, bench.run("nbdinfo", uri.replace("nbds:", "nbd:")).status());
    }

    private Path keys(String folder, String line) throws IOException {
        Path made = Files.createDirectories(bench.folder().resolve(folder));
        Path file = Files.writeString(made.resolve("keys.psk"), line + "\n");
        Files.setPosixFilePermissions(
                file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        return made;
    }

    private static String with(String uri, Path keys) {
        return uri.replace("nbds://", "nbds://alice@")
                + "?tls-psk-file="
                + keys.resolve("keys.psk");
    }

    private Client.Result qemu(String uri, Path keys) {
        String[] parts = uri.replaceFirst("nbds://localhost:", "").split("/");
        return bench.run(
                "qemu-img",
                "info",
                "--object",
                "tls-creds-psk,id=t,endpoint=client,username=alice,dir=" + keys,
                "--image-opts",
                "driver=nbd,host=localhost,port=%s,export=%s,tls-creds=t"
                        .formatted(parts[0], parts[1]));
    }
}
