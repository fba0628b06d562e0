package io.diskport.tls.x509;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.object.Secret;
import io.diskport.api.object.TlsCredentials.Endpoint;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.PrivateKey;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a directory holds, in the layout of QEMU's tools: {@code ca-cert.pem}, {@code ca-crl.pem},
 * {@code server-cert.pem}, {@code server-key.pem}, {@code client-cert.pem}, {@code client-key.pem}.
 *
 * @param directory where it is
 * @param authorities whom peers have to be certified by
 * @param revoked lists of certificates that are not valid any more
 * @param chain this end's certificate, and those that lead to its authority; empty for a client
 *     that has none
 * @param key of the first of them
 */
record CredentialFiles(
        Path directory,
        List<X509Certificate> authorities,
        List<X509CRL> revoked,
        List<X509Certificate> chain,
        Optional<PrivateKey> key) {
    static final String AUTHORITIES = "ca-cert.pem";
    static final String REVOKED = "ca-crl.pem";

    /** The name of the file with this end's certificate. */
    static String chainFile(Endpoint endpoint) {
        return endpoint.name().toLowerCase(Locale.ROOT) + "-cert.pem";
    }

    /**
     * Reads what one end needs.
     *
     * @throws BlockException naming the file that is missing or cannot be used
     */
    static CredentialFiles read(
            Path directory,
            Endpoint endpoint,
            boolean verifyPeer,
            Optional<Secret> password,
            System.Logger log)
            throws BlockException {
        if (!Files.isDirectory(directory)) {
            throw new BlockException(
                    Reason.NOT_FOUND,
                    "Unable to access credentials "
                            + directory.resolve(AUTHORITIES)
                            + ": No such file or directory; option 'dir' names no directory");
        }
        // Without a check of the peer there is nothing that these are for.
        List<X509Certificate> authorities =
                verifyPeer ? certificates(directory.resolve(AUTHORITIES)) : List.of();
        Path revoked = directory.resolve(REVOKED);
        List<X509CRL> lists = verifyPeer && Files.exists(revoked) ? lists(revoked) : List.of();

        Path chainFile = directory.resolve(chainFile(endpoint));
        Path keyFile = directory.resolve(chainFile(endpoint).replace("-cert.", "-key."));
        if (endpoint == Endpoint.CLIENT && !Files.exists(chainFile) && !Files.exists(keyFile)) {
            return new CredentialFiles(directory, authorities, lists, List.of(), Optional.empty());
        }
        List<X509Certificate> chain = certificates(chainFile);
        PrivateKey key = PrivateKeys.read(keyFile, chain.get(0).getPublicKey(), password);
        warnIfReadableByAll(keyFile, log);
        return new CredentialFiles(directory, authorities, lists, chain, Optional.of(key));
    }

    private static List<X509Certificate> certificates(Path file) throws BlockException {
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Pem block : Pem.read(file)) {
                if (block.label().endsWith("CERTIFICATE")) {
                    certificates.add(
                            (X509Certificate)
                                    factory.generateCertificate(
                                            new ByteArrayInputStream(block.der())));
                }
            }
        } catch (CertificateException e) {
            throw new BlockException(
                    Reason.INVALID,
                    "'" + file + "' has a certificate that cannot be read: " + e.getMessage(),
                    e);
        }
        if (certificates.isEmpty()) {
            throw new BlockException(
                    Reason.INVALID,
                    "'" + file + "' has no certificate; PEM is expected (BEGIN CERTIFICATE)");
        }
        return certificates;
    }

    private static List<X509CRL> lists(Path file) throws BlockException {
        List<X509CRL> lists = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Pem block : Pem.read(file)) {
                if (block.label().endsWith("CRL")) {
                    lists.add((X509CRL) factory.generateCRL(new ByteArrayInputStream(block.der())));
                }
            }
        } catch (CertificateException | CRLException e) {
            throw new BlockException(
                    Reason.INVALID,
                    "'" + file + "' has a revocation list that cannot be read: " + e.getMessage(),
                    e);
        }
        if (lists.isEmpty()) {
            throw new BlockException(
                    Reason.INVALID,
                    "'" + file + "' has no revocation list; PEM is expected (BEGIN X509 CRL)");
        }
        return lists;
    }

    private static void warnIfReadableByAll(Path key, System.Logger log) {
        try {
            if (Files.getPosixFilePermissions(key).contains(PosixFilePermission.OTHERS_READ)) {
                log.log(
                        System.Logger.Level.WARNING,
                        "The key '" + key + "' can be read by everybody: chmod o-r '" + key + "'");
            }
        } catch (IOException | UnsupportedOperationException e) {
            // It was read a moment ago; who else can is not worth a refusal.
            log.log(System.Logger.Level.DEBUG, "Permissions of '" + key + "' are unknown", e);
        }
    }
}
