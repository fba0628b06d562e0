package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients of libnbd and QEMU, and listeners with certificates. */
class NbdTlsTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    @RegisterExtension private static final Bench BENCH = new Bench();

    private static Shell shell;
    private static TlsAuthority authority;

    /** Of an export for everybody that the authority knows. */
    private static String forced;

    private static Path backup;
    private static Path laptop;

    @BeforeAll
    static void start() throws IOException {
        NbdTools.need();
        TlsAuthority.need();
        authority = new TlsAuthority(BENCH.folder().resolve("pki"));
        backup = authority.client("backup");
        laptop = authority.client("laptop");
        shell = BENCH.shell().ready();
        shell.awaitRow("drivers", "object  tls-creds-x509", "serving", Daemon.START);
        shell.perform("node-add memory node-name=m size=8M");
        shell.perform("object-add tls-creds-x509 id=tls0 dir=" + authority.server("localhost"));
        forced = export("forced", "");
    }

    @Test
    void addressThatIsShownNeedsTheClientsCertificateOnly() {
        assertTrue(forced.startsWith("nbds://localhost:"), forced);
        String said = BENCH.run("nbdinfo", with(backup, forced)).ok();
        assertTrue(said.contains("newstyle-fixed with TLS"), said);
    }

    @Test
    void copiesComeBack() {
        Path data = BENCH.folder().resolve("data");
        Path back = BENCH.folder().resolve("back");
        BENCH.run("dd", "if=/dev/urandom", "of=" + data, "bs=1M", "count=8").ok();
        NbdTools.copy(BENCH, data, with(backup, forced));
        NbdTools.copy(BENCH, with(laptop, forced), back);
        BENCH.run("cmp", data, back).ok();
    }

    @Test
    void qemuConnects() {
        String said = qemu(backup, forced).ok();
        assertTrue(said.contains("virtual size: 8 MiB"), said);
    }

    @Test
    void clientWithoutTlsIsTold() {
        Client.Result result = BENCH.run("nbdinfo", forced.replace("nbds:", "nbd:"));
        assertNotEquals(0, result.status(), result.output());
        assertTrue(result.output().contains("TLS"), result.output());
    }

    @Test
    void clientWithoutACertificateIsRefused() {
        assertRefused(authority.nobody(), forced, "Client 127.0.0.1");
    }

    @Test
    void clientOfAnotherAuthorityIsRefused() throws IOException {
        TlsAuthority other = new TlsAuthority(BENCH.folder().resolve("other"));
        Path stranger = other.client("backup");
        BENCH.run("cp", authority.nobody().resolve("ca-cert.pem"), stranger).ok();
        assertRefused(stranger, forced, "Client 127.0.0.1");
    }

    @Test
    void clientWhoseCertificateHasExpiredIsRefused() {
        assertRefused(authority.client("old", TlsAuthority.expired()), forced, "expired");
    }

    @Test
    void serverWhoseCertificateHasExpiredIsNotMade() {
        Path expired = authority.server("localhost", TlsAuthority.expired());
        String said = shell.type("object-add tls-creds-x509 id=old dir=" + expired);
        assertTrue(said.startsWith("object-add: ") && said.contains("expired"), said);
    }

    @Test
    void serverOfAnotherNameIsRefusedByClients() {
        Path elsewhere = authority.server("storage.example");
        shell.perform("object-add tls-creds-x509 id=tls1 dir=" + elsewhere);
        String uri = export("elsewhere", "tls-creds=tls1");
        for (Client.Result result :
                List.of(BENCH.run("nbdinfo", with(backup, uri)), qemu(backup, uri))) {
            assertNotEquals(0, result.status(), result.output());
            assertTrue(
                    result.output().toLowerCase(Locale.ROOT).contains("certificate"),
                    result.output());
        }
    }

    @Test
    void listLetsInWhoIsOnIt() {
        shell.perform(
                "object-add authz-list id=staff policy=deny"
                        + " rules.0.match='CN=backup,,O=Example' rules.0.policy=allow");
        String uri = export("staffed", "tls-authz=staff");
        BENCH.run("nbdinfo", with(backup, uri)).ok();
        assertRefused(laptop, uri, "'CN=laptop,O=Example' is not let in by 'staff'");
    }

    @Test
    void listenerMayServeBothAndAnExportInsist() {
        String open = export("both", "tls-required=off");
        UnaryOperator<String> plain = uri -> uri.replace("nbds:", "nbd:");
        shell.perform(
                "export-add nbd id=closed name=closed node-name=m server=both tls-required=on");
        String closed = NbdTools.uri(shell, "closed");
        BENCH.run("nbdinfo", plain.apply(open)).ok();
        BENCH.run("nbdinfo", with(backup, closed)).ok();
        Client.Result result = BENCH.run("nbdinfo", plain.apply(closed));
        assertNotEquals(0, result.status(), result.output());
    }

    @Test
    void infoShowsWhoIsThere() {
        String uri = export("shown", "");
        Client client = BENCH.client(NbdTools.client("hold.py", with(backup, uri)));
        client.awaitOutput("connected\n", SOON);
        String said = shell.type("export-info shown");
        assertTrue(said.contains("identity=CN=backup,O=Example"), said);
        assertTrue(said.contains("tls=TLSv1.3"), said);
        client.go();
        assertTrue(client.await(SOON).ok().contains("read"), "it reads");
    }

    @Test
    void clientIsDroppedByAnUpdateAndComesBack() {
        String uri = export("updated", "");
        Client client = BENCH.client(NbdTools.client("hold.py", with(backup, uri)));
        client.awaitOutput("connected\n", SOON);
        int said = shell.log().length();
        BENCH.site().redeploy("driver-nbd.jar");
        shell.awaitLog(said, "Export 'updated' (nbd) is running", Daemon.START);
        client.go();
        assertTrue(client.await(SOON).ok().contains("error"), client.output());
        BENCH.run("nbdinfo", with(backup, NbdTools.uri(shell, "updated"))).ok();
    }

    /** An export of its own listener, of that name both; answers with the address. */
    private static String export(String id, String options) {
        String creds = options.contains("tls-creds=") ? "" : " tls-creds=tls0";
        shell.perform(
                "object-add nbd-server id=%s addr.type=inet addr.port=0%s %s"
                        .formatted(id, creds, options));
        shell.perform(
                "export-add nbd id=%s name=%s node-name=m writable=on server=%s"
                        .formatted(id, id, id));
        return NbdTools.uri(shell, id);
    }

    private static String with(Path credentials, String uri) {
        return uri + "?tls-certificates=" + credentials;
    }

    private static Client.Result qemu(Path credentials, String uri) {
        String[] parts = uri.replaceFirst("nbds://localhost:", "").split("/");
        return BENCH.run(
                "qemu-img",
                "info",
                "--object",
                "tls-creds-x509,id=t,endpoint=client,dir=" + credentials,
                "--image-opts",
                "driver=nbd,host=localhost,port=%s,export=%s,tls-creds=t"
                        .formatted(parts[0], parts[1]));
    }

    /** The client has no success, and the log says why. */
    private static void assertRefused(Path credentials, String uri, String logged) {
        int said = shell.log().length();
        Client.Result result = BENCH.run("nbdinfo", with(credentials, uri));
        assertNotEquals(0, result.status(), result.output());
        shell.awaitLog(said, logged, SOON);
        String log = shell.log().substring(said);
        assertEquals(1, log.lines().filter(line -> line.contains("is dropped: TLS")).count(), log);
    }
}
