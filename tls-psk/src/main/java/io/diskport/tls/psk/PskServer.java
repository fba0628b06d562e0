package io.diskport.tls.psk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.Vector;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.BasicTlsPSKExternal;
import org.bouncycastle.tls.PRFAlgorithm;
import org.bouncycastle.tls.PSKTlsServer;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.PskIdentity;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.bouncycastle.tls.TlsPSKExternal;
import org.bouncycastle.tls.TlsPSKIdentityManager;
import org.bouncycastle.tls.crypto.TlsCrypto;

/** The server's side of a handshake, with the keys of all users. */
final class PskServer extends PSKTlsServer implements PskPeer {
    private static final int SHOWN = 64;

    private final PskFile file;
    private final Keys keys;

    PskServer(TlsCrypto crypto, PskFile file, Keys keys) {
        super(crypto, keys);
        this.file = file;
        this.keys = keys;
    }

    /**
     * The keys of one handshake, and who was asked for.
     *
     * <p>A user who is not there has a key that nobody knows, so that to the peer it is as if the
     * key was wrong.
     */
    static final class Keys implements TlsPSKIdentityManager {
        private final Map<String, byte[]> keys;
        private final byte[] disguise;
        private String user = "";

        Keys(Map<String, byte[]> keys, byte[] disguise) {
            this.keys = keys;
            this.disguise = disguise;
        }

        @Override
        public byte[] getHint() {
            return null;
        }

        @Override
        public byte[] getPSK(byte[] identity) {
            user = new String(identity, StandardCharsets.UTF_8);
            byte[] known = keys.get(user);
            byte[] other = nobodys(identity);
            return known == null ? other : known;
        }

        private byte[] nobodys(byte[] identity) {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(disguise, "HmacSHA256"));
                return mac.doFinal(identity);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("Every JDK has HmacSHA256", e);
            }
        }
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
        return Suites.versions();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
        return Suites.all();
    }

    /** So that it is AES-GCM, the fastest here, wherever the client has it. */
    @Override
    protected boolean preferLocalCipherSuites() {
        return true;
    }

    /** For TLS 1.3: the first user of those offered, as clients have one. */
    @Override
    @SuppressWarnings("rawtypes")
    public TlsPSKExternal getExternalPSK(Vector identities) {
        byte[] identity = ((PskIdentity) identities.get(0)).getIdentity();
        return new BasicTlsPSKExternal(
                identity,
                getCrypto().createSecret(keys.getPSK(identity)),
                PRFAlgorithm.tls13_hkdf_sha256);
    }

    /** None: asked for by ciphers that need a certificate, so by a peer without a key. */
    @Override
    public TlsCredentials getCredentials() throws IOException {
        if (keys.user.isEmpty() && Suites.isVersion13(context)) {
            throw new TlsFatalAlert(AlertDescription.handshake_failure);
        }
        return null;
    }

    @Override
    public boolean requiresCloseNotify() {
        return false;
    }

    @Override
    public String identity() {
        return keys.user;
    }

    @Override
    public String session() {
        return Suites.session(context);
    }

    @Override
    public IOException explained(TlsFatalAlert e) {
        short alert = e.getAlertDescription();
        if (alert == AlertDescription.bad_record_mac || alert == AlertDescription.decrypt_error) {
            return wrongKey(e);
        }
        return keys.user.isEmpty() && alert == AlertDescription.handshake_failure
                ? new IOException(
                        "The peer offers no shared key, or none of the ciphers for one (PSK)", e)
                : new IOException("The TLS handshake failed: " + e.getMessage(), e);
    }

    @Override
    public IOException explained(TlsFatalAlertReceived e) {
        short alert = e.getAlertDescription();
        return alert == AlertDescription.bad_record_mac || alert == AlertDescription.decrypt_error
                ? wrongKey(e)
                : new IOException(
                        "The peer has ended the TLS handshake with the alert '"
                                + AlertDescription.getName(alert)
                                + "'",
                        e);
    }

    private IOException wrongKey(IOException e) {
        // Whoever it is may have sent anything for a name, and this goes into the log.
        String shown = keys.user.replaceAll("\\p{Cntrl}", "?");
        shown = shown.length() > SHOWN ? shown.substring(0, SHOWN) + "..." : shown;
        return new IOException(
                keys.keys.containsKey(keys.user)
                        ? "The peer has another key for the user '"
                                + shown
                                + "' than '"
                                + file.path()
                                + "'"
                        : "'" + file.path() + "' has no key of the user '" + shown + "'",
                e);
    }
}
