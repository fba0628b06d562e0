package io.diskport.tls.x509;

import java.security.cert.X509Certificate;
import java.util.Map;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.security.auth.x500.X500Principal;

/**
 * The one way in which names of certificates are written: RFC 4514, which begins with the most
 * special part, {@code CN=laptop,O=Example\, Org,C=GB}. It is what {@code certtool -i} and {@code
 * openssl x509 -subject -nameopt RFC2253} show, and what rules of an authz object are compared
 * with. QEMU compares with the parts in the order in which the certificate has them.
 */
final class DistinguishedName {
    /** Java would write it as a number, and the address in hex. */
    private static final Map<String, String> KEYWORDS = Map.of("1.2.840.113549.1.9.1", "EMAIL");

    private DistinguishedName() {}

    static String of(X500Principal name) {
        return name.getName(X500Principal.RFC2253, KEYWORDS);
    }

    /** The name of the peer's certificate; empty if it has sent none. */
    static String ofPeer(SSLSession session) {
        try {
            X509Certificate certificate = (X509Certificate) session.getPeerCertificates()[0];
            return of(certificate.getSubjectX500Principal());
        } catch (SSLPeerUnverifiedException e) {
            return "";
        }
    }
}
