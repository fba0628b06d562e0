package io.diskport.tls.x509;

import java.net.Socket;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Decides whether a peer's certificate is good: the JDK's own check, then the revocation lists, and
 * messages that say what is wrong with which certificate.
 *
 * <p>The lists are looked at here because the JDK takes them for all or nothing: with a list of one
 * authority, certificates of every other are refused.
 */
final class PeerCheck extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager standard;
    private final List<X509CRL> revoked;

    PeerCheck(X509ExtendedTrustManager standard, List<X509CRL> revoked) {
        super();
        this.standard = standard;
        this.revoked = revoked;
    }

    /** Whether a newer list should be there. */
    static boolean isOutdated(X509CRL list, Date now) {
        return list.getNextUpdate() != null && list.getNextUpdate().before(now);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        try {
            standard.checkClientTrusted(chain, type, engine);
        } catch (CertificateException e) {
            throw explained(chain, engine, e);
        }
        checkRevoked(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        try {
            standard.checkServerTrusted(chain, type, engine);
        } catch (CertificateException e) {
            throw explained(chain, engine, e);
        }
        checkRevoked(chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return standard.getAcceptedIssuers();
    }

    private void checkRevoked(X509Certificate[] chain) throws CertificateException {
        for (X509Certificate certificate : chain) {
            for (X509CRL list : revoked) {
                if (!list.getIssuerX500Principal().equals(certificate.getIssuerX500Principal())) {
                    continue;
                }
                if (isOutdated(list, new Date())) {
                    throw new CertificateException(
                            "the revocation list of '"
                                    + DistinguishedName.of(list.getIssuerX500Principal())
                                    + "' is out of date since "
                                    + list.getNextUpdate().toInstant()
                                    + "; put a new one into "
                                    + CredentialFiles.REVOKED);
                }
                if (list.isRevoked(certificate)) {
                    // From this cause a client's engine takes which alert the server gets.
                    throw new CertificateException(
                            named(certificate) + " has been revoked",
                            new CertPathValidatorException(
                                    "revoked", null, null, -1, BasicReason.REVOKED));
                }
            }
        }
    }

    private static CertificateException explained(
            X509Certificate[] chain, SSLEngine engine, CertificateException e) {
        for (X509Certificate certificate : chain) {
            try {
                certificate.checkValidity();
            } catch (CertificateExpiredException expired) {
                return new CertificateException(
                        named(certificate)
                                + " has expired on "
                                + certificate.getNotAfter().toInstant(),
                        e.getCause());
            } catch (CertificateNotYetValidException early) {
                return new CertificateException(
                        named(certificate)
                                + " is not valid before "
                                + certificate.getNotBefore().toInstant(),
                        e.getCause());
            }
        }
        String message = String.valueOf(e.getMessage());
        // A failure of the path has a cause that says where; one of the name has none.
        if (e.getCause() != null) {
            return new CertificateException(
                    named(chain[0])
                            + " leads to none of the authorities in "
                            + CredentialFiles.AUTHORITIES
                            + ": "
                            + e.getCause().getMessage(),
                    e.getCause());
        }
        if (message.startsWith("No ")) {
            return new CertificateException(
                    named(chain[0])
                            + " is for another name than '"
                            + engine.getPeerHost()
                            + "': "
                            + message);
        }
        return e;
    }

    private static String named(X509Certificate certificate) {
        return "its certificate '"
                + DistinguishedName.of(certificate.getSubjectX500Principal())
                + "'";
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        throw onlyForEngines();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        throw onlyForEngines();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        throw onlyForEngines();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        throw onlyForEngines();
    }

    private static CertificateException onlyForEngines() {
        return new CertificateException("This end speaks TLS through engines only");
    }
}
