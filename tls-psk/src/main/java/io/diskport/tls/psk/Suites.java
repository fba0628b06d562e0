package io.diskport.tls.psk;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.SecurityParameters;
import org.bouncycastle.tls.TlsContext;

/** The ciphers that are offered and taken: those with authentication built in, best first. */
final class Suites {
    private static final Map<Integer, String> NAMES = new LinkedHashMap<>();

    static {
        // TLS 1.3; an external key goes with one hash, by default SHA-256 (RFC 8446, 4.2.11).
        NAMES.put(CipherSuite.TLS_AES_128_GCM_SHA256, "TLS_AES_128_GCM_SHA256");
        NAMES.put(CipherSuite.TLS_CHACHA20_POLY1305_SHA256, "TLS_CHACHA20_POLY1305_SHA256");
        // TLS 1.2 (RFC 8442, RFC 5487, RFC 7905).
        NAMES.put(
                CipherSuite.TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256,
                "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256");
        NAMES.put(
                CipherSuite.TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384,
                "TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384");
        NAMES.put(
                CipherSuite.TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256,
                "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256");
        NAMES.put(
                CipherSuite.TLS_DHE_PSK_WITH_AES_128_GCM_SHA256,
                "TLS_DHE_PSK_WITH_AES_128_GCM_SHA256");
        NAMES.put(
                CipherSuite.TLS_DHE_PSK_WITH_AES_256_GCM_SHA384,
                "TLS_DHE_PSK_WITH_AES_256_GCM_SHA384");
        NAMES.put(
                CipherSuite.TLS_DHE_PSK_WITH_CHACHA20_POLY1305_SHA256,
                "TLS_DHE_PSK_WITH_CHACHA20_POLY1305_SHA256");
        NAMES.put(CipherSuite.TLS_PSK_WITH_AES_128_GCM_SHA256, "TLS_PSK_WITH_AES_128_GCM_SHA256");
        NAMES.put(CipherSuite.TLS_PSK_WITH_AES_256_GCM_SHA384, "TLS_PSK_WITH_AES_256_GCM_SHA384");
        NAMES.put(
                CipherSuite.TLS_PSK_WITH_CHACHA20_POLY1305_SHA256,
                "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256");
    }

    private Suites() {}

    static int[] all() {
        return NAMES.keySet().stream().mapToInt(Integer::intValue).toArray();
    }

    static ProtocolVersion[] versions() {
        return ProtocolVersion.TLSv13.downTo(ProtocolVersion.TLSv12);
    }

    static boolean isVersion13(TlsContext context) {
        return ProtocolVersion.TLSv13.equals(context.getServerVersion());
    }

    /** What a connection has agreed on, as the JDK writes it. */
    static String session(TlsContext context) {
        SecurityParameters agreed = context.getSecurityParametersConnection();
        int suite = agreed.getCipherSuite();
        return agreed.getNegotiatedVersion().getName().replace("TLS ", "TLSv")
                + ' '
                + NAMES.getOrDefault(suite, Integer.toHexString(suite));
    }
}
