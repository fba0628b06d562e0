package io.diskport.tls.psk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.BasicTlsPSKExternal;
import org.bouncycastle.tls.BasicTlsPSKIdentity;
import org.bouncycastle.tls.PRFAlgorithm;
import org.bouncycastle.tls.PSKTlsClient;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.bouncycastle.tls.TlsPSKExternal;
import org.bouncycastle.tls.crypto.TlsCrypto;

/** The client's side of a handshake, with the key of one user. */
final class PskClient extends PSKTlsClient implements PskPeer {
    private final String user;
    private final byte[] key;

    PskClient(TlsCrypto crypto, String user, byte[] key) {
        super(crypto, new BasicTlsPSKIdentity(user.getBytes(StandardCharsets.UTF_8), key));
        this.user = user;
        this.key = key;
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
        return Suites.versions();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
        return Suites.all();
    }

    /** The key for TLS 1.3, which has no identity hints and no ciphers of its own for this. */
    @Override
    public Vector<TlsPSKExternal> getExternalPSKs() {
        return new Vector<>(
                List.of(
                        new BasicTlsPSKExternal(
                                user.getBytes(StandardCharsets.UTF_8),
                                getCrypto().createSecret(key),
                                PRFAlgorithm.tls13_hkdf_sha256)));
    }

    /** Called where a server comes with a certificate: that is nobody who knows the key. */
    @Override
    public TlsAuthentication getAuthentication() throws IOException {
        throw new TlsFatalAlert(AlertDescription.handshake_failure);
    }

    @Override
    public boolean requiresCloseNotify() {
        return false;
    }

    @Override
    public String identity() {
        return user;
    }

    @Override
    public String session() {
        return Suites.session(context);
    }

    @Override
    public IOException explained(TlsFatalAlert e) {
        short alert = e.getAlertDescription();
        if (alert == AlertDescription.bad_record_mac || alert == AlertDescription.decrypt_error) {
            return new IOException(
                    "The server has another key for the user '" + user + "', or none", e);
        }
        return alert == AlertDescription.handshake_failure
                ? new IOException("The server does not use shared keys (PSK)", e)
                : new IOException("The TLS handshake failed: " + e.getMessage(), e);
    }

    @Override
    public IOException explained(TlsFatalAlertReceived e) {
        return new IOException(
                switch (e.getAlertDescription()) {
                    case AlertDescription.bad_record_mac,
                            AlertDescription.decrypt_error,
                            AlertDescription.unknown_psk_identity,
                            AlertDescription.illegal_parameter ->
                            "The server has another key for the user '" + user + "', or none";
                    case AlertDescription.handshake_failure,
                            AlertDescription.insufficient_security ->
                            "The server does not use shared keys (PSK)";
                    default ->
                            "The server has refused the TLS handshake with the alert '"
                                    + AlertDescription.getName(e.getAlertDescription())
                                    + "'";
                },
                e);
    }
}
