package io.diskport.tls.x509;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.object.TlsCredentials.Endpoint;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.List;

/** Finds the mistakes in certificates that otherwise only show when somebody connects. */
final class Sanity {
    private static final String SERVER_USE = "1.3.6.1.5.5.7.3.1";
    private static final String CLIENT_USE = "1.3.6.1.5.5.7.3.2";
    private static final String ANY_USE = "2.5.29.37.0";
    private static final String OTHERWISE = "; or use sanity-check=off";

    private Sanity() {}

    /**
     * Looks at dates and uses.
     *
     * @throws BlockException naming the file and the certificate
     */
    static void check(CredentialFiles files, Endpoint endpoint) throws BlockException {
        Path authorities = files.directory().resolve(CredentialFiles.AUTHORITIES);
        for (X509Certificate certificate : files.authorities()) {
            checkDates(authorities, certificate);
            if (certificate.getBasicConstraints() < 0) {
                throw refusal(
                        authorities,
                        certificate,
                        "is not one of an authority; make it with the basic constraint CA");
            }
        }
        Path revoked = files.directory().resolve(CredentialFiles.REVOKED);
        for (X509CRL list : files.revoked()) {
            checkList(revoked, list, files.authorities());
        }
        Path chain = files.directory().resolve(CredentialFiles.chainFile(endpoint));
        for (X509Certificate certificate : files.chain()) {
            checkDates(chain, certificate);
        }
        if (!files.chain().isEmpty()) {
            checkUse(chain, files.chain().get(0), endpoint);
        }
    }

    private static void checkDates(Path file, X509Certificate certificate) throws BlockException {
        try {
            certificate.checkValidity();
        } catch (CertificateExpiredException e) {
            throw refusal(
                    file,
                    certificate,
                    "has expired on " + certificate.getNotAfter().toInstant() + "; renew it");
        } catch (CertificateNotYetValidException e) {
            throw refusal(
                    file,
                    certificate,
                    "is not valid before "
                            + certificate.getNotBefore().toInstant()
                            + "; is the clock right?");
        }
    }

    private static void checkUse(Path file, X509Certificate certificate, Endpoint endpoint)
            throws BlockException {
        try {
            List<String> uses = certificate.getExtendedKeyUsage();
            String wanted = endpoint == Endpoint.SERVER ? SERVER_USE : CLIENT_USE;
            if (uses != null && !uses.contains(wanted) && !uses.contains(ANY_USE)) {
                throw refusal(
                        file,
                        certificate,
                        endpoint == Endpoint.SERVER
                                ? "is not for servers; make it with the extended use serverAuth"
                                : "is not for clients; make it with the extended use clientAuth");
            }
        } catch (CertificateParsingException e) {
            throw refusal(file, certificate, "cannot be read: " + e.getMessage());
        }
    }

    private static void checkList(Path file, X509CRL list, List<X509Certificate> authorities)
            throws BlockException {
        if (PeerCheck.isOutdated(list, new Date())) {
            throw new BlockException(
                    Reason.INVALID,
                    "'"
                            + file
                            + "': the revocation list of '"
                            + DistinguishedName.of(list.getIssuerX500Principal())
                            + "' is out of date since "
                            + list.getNextUpdate().toInstant()
                            + "; get a new one"
                            + OTHERWISE);
        }
        for (X509Certificate authority : authorities) {
            if (authority.getSubjectX500Principal().equals(list.getIssuerX500Principal())
                    && isSignedBy(list, authority)) {
                return;
            }
        }
        throw new BlockException(
                Reason.INVALID,
                "'"
                        + file
                        + "': the revocation list of '"
                        + DistinguishedName.of(list.getIssuerX500Principal())
                        + "' is signed by nobody in "
                        + CredentialFiles.AUTHORITIES
                        + OTHERWISE);
    }

    private static boolean isSignedBy(X509CRL list, X509Certificate authority) {
        try {
            list.verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static BlockException refusal(Path file, X509Certificate certificate, String what) {
        return new BlockException(
                Reason.INVALID,
                "'"
                        + file
                        + "': the certificate '"
                        + DistinguishedName.of(certificate.getSubjectX500Principal())
                        + "' "
                        + what
                        + OTHERWISE);
    }
}
