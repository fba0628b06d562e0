package io.diskport.tls.x509;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** Says what an engine's failure means, for the log. */
final class Failures {
    private static final Pattern ALERT = Pattern.compile("fatal alert: (\\w+)");

    /** Newer JDKs put the alert that they send before their message. */
    private static final Pattern SENT = Pattern.compile("^\\(\\w+\\) ");

    private Failures() {}

    static IOException ofHandshake(SSLException e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("Empty client certificate chain")
                || message.contains("Empty server certificate chain")) {
            return new IOException("The peer has sent no certificate, and verify-peer is on", e);
        }
        if (message.contains("recognized SSL message")) {
            return new IOException("The peer does not speak TLS", e);
        }
        return ofConnection(e);
    }

    static IOException ofConnection(SSLException e) {
        String message = String.valueOf(e.getMessage());
        Matcher alert = ALERT.matcher(message);
        return new IOException(
                alert.find()
                        ? "The peer has ended TLS with the alert '" + alert.group(1) + "'"
                        : "TLS with the peer failed: " + SENT.matcher(message).replaceFirst(""),
                e);
    }
}
