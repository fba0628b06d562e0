package io.diskport.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Certifies servers and clients with certtool, into folders as QEMU, libnbd and Diskport take. */
final class TlsAuthority {
    private final Path folder;

    TlsAuthority(Path folder) throws IOException {
        this.folder = Files.createDirectory(folder);
        key(folder.resolve("ca-key.pem"));
        Path template = template(folder, "cn = Authority\nca\ncert_signing_key\n");
        certtool(
                "--generate-self-signed",
                "--load-privkey=" + folder.resolve("ca-key.pem"),
                "--template=" + template,
                "--outfile=" + folder.resolve("ca-cert.pem"));
    }

    static void need() {
        Require.tool("certtool", "gnutls-bin");
        Require.that(
                Files.exists(Distribution.driver("tls-x509.jar")), "needs tls-x509.jar in deploy/");
    }

    /** For a server of that name. */
    Path server(String name, String... more) {
        return certify("server", name, "dns_name = " + name + "\ntls_www_server\n", more);
    }

    /** For a client, whose identity is CN=name,O=Example. */
    Path client(String name, String... more) {
        return certify("client", name, "organization = Example\ntls_www_client\n", more);
    }

    /** For a client that has no certificate. */
    Path nobody() {
        try {
            Path made = Files.createTempDirectory(folder, "of");
            Files.copy(folder.resolve("ca-cert.pem"), made.resolve("ca-cert.pem"));
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lines of a template for what has expired. */
    static String[] expired() {
        return new String[] {
            "activation_date = \"2020-01-01\"", "expiration_date = \"2020-02-01\""
        };
    }

    private Path certify(String end, String name, String template, String... more) {
        Path made = nobody();
        Path key = made.resolve(end + "-key.pem");
        key(key);
        Path lines =
                template(
                        made,
                        "cn = "
                                + name
                                + "\nsigning_key\n"
                                + template
                                + String.join("\n", more)
                                + "\n");
        certtool(
                "--generate-certificate",
                "--load-ca-certificate=" + folder.resolve("ca-cert.pem"),
                "--load-ca-privkey=" + folder.resolve("ca-key.pem"),
                "--load-privkey=" + key,
                "--template=" + lines,
                "--outfile=" + made.resolve(end + "-cert.pem"));
        return made;
    }

    private static Path template(Path folder, String lines) {
        try {
            return Files.writeString(folder.resolve("template"), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void key(Path file) {
        certtool(
                "--generate-privkey", "--key-type=ecdsa", "--curve=secp256r1", "--outfile=" + file);
    }

    private void certtool(Object... arguments) {
        Object[] command = new Object[arguments.length + 1];
        command[0] = "certtool";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Client.run(folder, command).ok();
    }
}
