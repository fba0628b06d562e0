package io.diskport.tls.x509;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diskport.api.BlockException;
import io.diskport.api.object.TlsCredentials;
import io.diskport.api.object.TlsCredentials.Endpoint;
import io.diskport.api.options.ObjectRef;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read from a directory, and what is said of what cannot be used. */
class X509CredentialsDriverTest {
    private static final String PAST = "activation_date = \"2020-01-01 00:00:00 UTC\"";
    private static final String PAST_END = "expiration_date = \"2021-01-01 00:00:00 UTC\"";

    @TempDir static Path folder;

    private static Certificates authority;
    private Path server;

    @BeforeAll
    static void makeAuthority() throws Exception {
        Certificates.require();
        authority = new Certificates(folder, "CA");
    }

    @BeforeEach
    void makeServer() throws Exception {
        server = authority.server("disks");
    }

    @Test
    void saysWhatItIs() throws Exception {
        TlsCredentials credentials = Ends.credentials(Endpoint.SERVER, server);
        assertEquals(Endpoint.SERVER, credentials.endpoint());
        assertEquals("CN=disks", credentials.info().get("certificate"));
        assertEquals("on", credentials.info().get("verify-peer"));
        assertTrue(new X509CredentialsDriver().contract().isInstance(credentials));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ca-cert.pem", "server-cert.pem", "server-key.pem"})
    void missingFileIsNamed(String name) throws Exception {
        Files.delete(server.resolve(name));
        assertRefusal(
                "Unable to access credentials "
                        + server.resolve(name)
                        + ": No such file or directory");
    }

    @Test
    void missingDirectoryIsNamed() {
        server = folder.resolve("none");
        assertRefusal(
                "Unable to access credentials "
                        + server.resolve("ca-cert.pem")
                        + ": No such file or directory; option 'dir' names no directory");
    }

    @Test
    void fileThatCannotBeReadIsNamed() throws Exception {
        Files.delete(server.resolve("server-cert.pem"));
        Files.createDirectory(server.resolve("server-cert.pem"));
        assertRefusal(
                "Unable to access credentials "
                        + server.resolve("server-cert.pem")
                        + ": Is a directory");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "server-cert.pem|hello|has no certificate; PEM is expected (BEGIN CERTIFICATE)",
                "server-key.pem|hello|has 0 private keys in PEM; it needs one",
                "ca-cert.pem|-----BEGIN CERTIFICATE-----|is no PEM file that can be used: a block"
                        + " has a beginning and no end",
                "ca-cert.pem|-----BEGIN CERTIFICATE-----*-----END CERTIFICATE-----|is no PEM file"
                        + " that can be used: block 'CERTIFICATE' is not base64",
                "server-key.pem|-----BEGIN DSA PRIVATE KEY-----AAAA-----END DSA PRIVATE KEY-----|has"
                        + " a key of the form 'DSA PRIVATE KEY'; convert it: openssl pkcs8 -topk8"
                        + " -v2 aes-256-cbc -in OLD.pem -out NEW.pem",
                "ca-crl.pem|hello|has no revocation list; PEM is expected (BEGIN X509 CRL)"
            })
    void fileThatIsSomethingElseIsNamed(String name, String content, String message)
            throws Exception {
        Files.writeString(server.resolve(name), content);
        assertRefusal("'" + server.resolve(name) + "' " + message);
    }

    @Test
    void damagedCertificateIsNamed() throws Exception {
        Path file = server.resolve("server-cert.pem");
        Files.writeString(file, "-----BEGIN CERTIFICATE-----AAAA-----END CERTIFICATE-----");
        String message = refusal();
        assertTrue(
                message.startsWith("'" + file + "' has a certificate that cannot be read: "),
                message);
        assertTrue(!message.contains("\n"), message);
    }

    @Test
    void keyOfAnotherCertificateIsRefused() throws Exception {
        Path other = authority.server("other").resolve("server-key.pem");
        Path key = server.resolve("server-key.pem");
        Files.copy(other, key, StandardCopyOption.REPLACE_EXISTING);
        assertRefusal("The key in '" + key + "' does not belong to the certificate beside it");
        openssl("genrsa", "-out", key.toString(), "2048");
        assertRefusal(
                "'" + key + "' is no key for the certificate beside it, whose algorithm is EC");
    }

    @Test
    void expiredCertificateIsRefusedUnlessToldOtherwise() throws Exception {
        server = authority.server("old", PAST, PAST_END);
        assertRefusal(
                "'"
                        + server.resolve("server-cert.pem")
                        + "': the certificate 'CN=old' has expired on 2021-01-01T00:00:00Z; renew"
                        + " it; or use sanity-check=off");
        Ends.create(Ends.options(Endpoint.SERVER, server, true, false), new Ends.Context(""));
    }

    @Test
    void certificateOfTheFutureIsRefused() throws Exception {
        server = authority.server("new", "activation_date = \"2100-01-01 00:00:00 UTC\"");
        assertRefusal(
                "'"
                        + server.resolve("server-cert.pem")
                        + "': the certificate 'CN=new' is not valid before 2100-01-01T00:00:00Z; is"
                        + " the clock right?; or use sanity-check=off");
    }

    @Test
    void certificateForTheOtherEndIsRefused() throws Exception {
        Path client = authority.client("laptop");
        Files.move(client.resolve("client-cert.pem"), client.resolve("server-cert.pem"));
        Files.move(client.resolve("client-key.pem"), client.resolve("server-key.pem"));
        server = client;
        assertRefusal(
                "'"
                        + server.resolve("server-cert.pem")
                        + "': the certificate 'CN=laptop' is not for servers; make it with the"
                        + " extended use serverAuth; or use sanity-check=off");
    }

    @Test
    void authorityThatIsNoneIsRefused() throws Exception {
        Files.copy(
                server.resolve("server-cert.pem"),
                server.resolve("ca-cert.pem"),
                StandardCopyOption.REPLACE_EXISTING);
        assertRefusal(
                "'"
                        + server.resolve("ca-cert.pem")
                        + "': the certificate 'CN=disks' is not one of an authority; make it with"
                        + " the basic constraint CA; or use sanity-check=off");
    }

    @Test
    void listOfRevocationsOfAStrangerIsRefused() throws Exception {
        Certificates stranger = new Certificates(Files.createTempDirectory(folder, "s"), "Other");
        stranger.revoke(stranger.client("x"), server);
        assertRefusal(
                "'"
                        + server.resolve("ca-crl.pem")
                        + "': the revocation list of 'CN=Other' is signed by nobody in ca-cert.pem;"
                        + " or use sanity-check=off");
    }

    @Test
    void outdatedListOfRevocationsIsRefused() throws Exception {
        authority.revoke(
                authority.client("x"),
                server,
                "crl_this_update_date = \"2020-01-01 00:00:00 UTC\"",
                "crl_next_update_date = \"2021-01-01 00:00:00 UTC\"");
        assertRefusal(
                "'"
                        + server.resolve("ca-crl.pem")
                        + "': the revocation list of 'CN=CA' is out of date since"
                        + " 2021-01-01T00:00:00Z; get a new one; or use sanity-check=off");
    }

    @Test
    void clientNeedsNoCertificateButAWholeOneIfAny() throws Exception {
        Path client = authority.client("laptop");
        Files.delete(client.resolve("client-key.pem"));
        BlockException e =
                assertThrows(BlockException.class, () -> Ends.credentials(Endpoint.CLIENT, client));
        assertEquals(
                "Unable to access credentials "
                        + client.resolve("client-key.pem")
                        + ": No such file or directory",
                e.getMessage());
        Files.delete(client.resolve("client-cert.pem"));
        Ends.credentials(Endpoint.CLIENT, client);
    }

    @Test
    void keyThatEverybodyCanReadIsWarnedOf() throws Exception {
        Path key = server.resolve("server-key.pem");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));
        assertEquals(List.of(), logged());
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        assertEquals(
                List.of(
                        "WARNING The key '"
                                + key
                                + "' can be read by everybody: chmod o-r '"
                                + key
                                + "'"),
                logged());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pkcs8 -topk8 -nocrypt",
                "ec",
                "ec -param_enc explicit",
                "rsa",
                "rsa -traditional"
            })
    void keyIsTakenInTheFormsOfTools(String form) throws Exception {
        Path key = server.resolve("server-key.pem");
        String[] words = form.split(" ");
        if ("rsa".equals(words[0])) {
            useRsaKey();
        }
        Path other = server.resolve("other.pem");
        String[] command =
                java.util.stream.Stream.concat(
                                java.util.Arrays.stream(words),
                                java.util.stream.Stream.of(
                                        "-in", key.toString(), "-out", other.toString()))
                        .toArray(String[]::new);
        openssl(command);
        Files.writeString(
                key,
                "Some text: -----\n" + Files.readString(other),
                java.nio.charset.StandardCharsets.ISO_8859_1);
        Ends.credentials(Endpoint.SERVER, server);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-v2 aes-256-cbc",
                "-v2 aes-128-cbc -v2prf hmacWithSHA1",
                "-v1 PBE-SHA1-3DES"
            })
    void encryptedKeyNeedsItsPassword(String encryption) throws Exception {
        Path key = server.resolve("server-key.pem");
        Path plain = Files.move(key, server.resolve("plain.pem"));
        openssl(
                ("pkcs8 -topk8 -passout pass:sesam "
                                + encryption
                                + " -in "
                                + plain
                                + " -out "
                                + key)
                        .split(" "));
        assertRefusal(
                "'"
                        + key
                        + "' is encrypted; add an object of type secret with its password, and"
                        + " passwordid=ID");
        X509CredentialsDriver.Options options =
                new X509CredentialsDriver.Options(
                        server, Endpoint.SERVER, true, Optional.of(new ObjectRef<>("s")), true);
        Ends.create(options, new Ends.Context("sesam"));
        BlockException e =
                assertThrows(
                        BlockException.class,
                        () -> Ends.create(options, new Ends.Context("simsala")));
        assertEquals(
                "The password for '" + key + "' is wrong; see to the secret of passwordid",
                e.getMessage());
    }

    @Test
    void keyThatIsEncryptedByCerttoolIsTaken() throws Exception {
        useRsaKey();
        Path key = server.resolve("server-key.pem");
        Path plain = Files.move(key, server.resolve("plain.pem"));
        Program.run(
                server,
                "certtool",
                "--to-p8",
                "--load-privkey",
                plain.toString(),
                "--password",
                "sesam",
                "--outfile",
                key.toString());
        assertTrue(Files.readString(key).contains("BEGIN ENCRYPTED PRIVATE KEY"));
        Ends.create(
                new X509CredentialsDriver.Options(
                        server, Endpoint.SERVER, true, Optional.of(new ObjectRef<>("s")), true),
                new Ends.Context("sesam"));
    }

    @Test
    void keyThatIsEncryptedTheOldWayIsRefused() throws Exception {
        Path key = server.resolve("server-key.pem");
        Path plain = Files.move(key, server.resolve("plain.pem"));
        openssl(("ec -aes128 -passout pass:x -in " + plain + " -out " + key).split(" "));
        assertRefusal(
                "'"
                        + key
                        + "' is encrypted in the old way of PEM; convert it: openssl pkcs8 -topk8"
                        + " -v2 aes-256-cbc -in OLD.pem -out NEW.pem");
    }

    @Test
    void keyOfAnAlgorithmThatTlsHereLacksIsRefused() throws Exception {
        openssl(
                "req",
                "-x509",
                "-newkey",
                "ed25519",
                "-nodes",
                "-subj",
                "/CN=ed",
                "-keyout",
                server.resolve("server-key.pem").toString(),
                "-out",
                server.resolve("server-cert.pem").toString());
        String message = refusal();
        assertTrue(
                message.endsWith(", which TLS of this Java does not take; make one of RSA or EC"),
                message);
    }

    private void useRsaKey() throws Exception {
        openssl(
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-subj",
                "/CN=rsa",
                "-keyout",
                server.resolve("server-key.pem").toString(),
                "-out",
                server.resolve("server-cert.pem").toString());
    }

    private static void openssl(String... arguments) throws Exception {
        String[] command = new String[arguments.length + 1];
        command[0] = "openssl";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Program.run(folder, command);
    }

    private List<String> logged() throws BlockException {
        Ends.Context context = new Ends.Context("");
        Ends.create(Ends.options(Endpoint.SERVER, server, true, true), context);
        return context.logged;
    }

    private void assertRefusal(String message) {
        assertEquals(message, refusal());
    }

    private String refusal() {
        return assertThrows(BlockException.class, () -> Ends.credentials(Endpoint.SERVER, server))
                .getMessage();
    }
}
