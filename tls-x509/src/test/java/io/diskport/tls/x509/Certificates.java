package io.diskport.tls.x509;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes authorities and directories of credentials with certtool, as QEMU's manual shows it. */
final class Certificates {
    private final Path authority;

    /** A new authority. */
    Certificates(Path folder, String name) throws Exception {
        this.authority = Files.createDirectory(folder.resolve(name));
        key("ca-key.pem");
        Files.writeString(
                authority.resolve("ca.cfg"), "cn = \"" + name + "\"\nca\ncert_signing_key\n");
        certtool(
                "--generate-self-signed",
                "--load-privkey",
                "ca-key.pem",
                "--template",
                "ca.cfg",
                "--outfile",
                "ca-cert.pem");
    }

    static void require() {
        Require.tool("certtool", "gnutls-bin");
        Require.tool("openssl", "openssl");
    }

    /** A directory for a server that this authority certifies. */
    Path server(String name, String... template) throws Exception {
        return end("server", name, join("tls_www_server\nsigning_key\n", template));
    }

    /** A directory for a client that this authority certifies. */
    Path client(String name, String... template) throws Exception {
        return end("client", name, join("tls_www_client\nsigning_key\n", template));
    }

    /** A directory with the authority's certificate only. */
    Path nobody() throws IOException {
        Path directory = Files.createTempDirectory(authority, "nobody");
        Files.copy(authority.resolve("ca-cert.pem"), directory.resolve("ca-cert.pem"));
        return directory;
    }

    /** Puts a list into a server's directory by which a client's certificate is revoked. */
    void revoke(Path client, Path server, String... template) throws Exception {
        Files.writeString(authority.resolve("crl.cfg"), join("crl_number = 1\n", template));
        certtool(
                "--generate-crl",
                "--load-ca-privkey",
                "ca-key.pem",
                "--load-ca-certificate",
                "ca-cert.pem",
                "--load-certificate",
                client.resolve("client-cert.pem").toString(),
                "--template",
                "crl.cfg",
                "--outfile",
                server.resolve("ca-crl.pem").toString());
    }

    private Path end(String end, String name, String template) throws Exception {
        Path directory = nobody();
        key(directory.resolve(end + "-key.pem").toString());
        Path config =
                Files.writeString(directory.resolve("cfg"), "cn = \"" + name + "\"\n" + template);
        certtool(
                "--generate-certificate",
                "--load-ca-certificate",
                "ca-cert.pem",
                "--load-ca-privkey",
                "ca-key.pem",
                "--load-privkey",
                directory.resolve(end + "-key.pem").toString(),
                "--template",
                config.toString(),
                "--outfile",
                directory.resolve(end + "-cert.pem").toString());
        return directory;
    }

    private void key(String file) throws Exception {
        certtool(
                "--generate-privkey",
                "--key-type",
                "ecdsa",
                "--curve",
                "secp256r1",
                "--outfile",
                file);
    }

    private void certtool(String... arguments) throws Exception {
        String[] command = new String[arguments.length + 1];
        command[0] = "certtool";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Program.run(authority, command);
    }

    private static String join(String first, String... lines) {
        return first + String.join("\n", lines) + "\n";
    }
}
