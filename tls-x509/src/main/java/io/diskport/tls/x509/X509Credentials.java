package io.diskport.tls.x509;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.object.TlsChannel;
import io.diskport.api.object.TlsCredentials;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Certificates and a key, ready for use; they are read once, when the object is made. */
final class X509Credentials implements TlsCredentials {
    private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};

    private final CredentialFiles files;
    private final Endpoint endpoint;
    private final boolean verifyPeer;
    private final KeyManager[] keys;
    private final TrustManager[] trust;

    private X509Credentials(
            CredentialFiles files,
            Endpoint endpoint,
            boolean verifyPeer,
            KeyManager[] keys,
            TrustManager[] trust) {
        this.files = files;
        this.endpoint = endpoint;
        this.verifyPeer = verifyPeer;
        this.keys = keys;
        this.trust = trust;
    }

    static X509Credentials of(CredentialFiles files, Endpoint endpoint, boolean verifyPeer)
            throws BlockException {
        try {
            return new X509Credentials(
                    files,
                    endpoint,
                    verifyPeer,
                    keys(files),
                    new TrustManager[] {verifyPeer ? check(files) : new NoCheck()});
        } catch (GeneralSecurityException | IOException e) {
            throw new BlockException(
                    Reason.FAILED,
                    "The certificates in '" + files.directory() + "' cannot be used: " + e,
                    e);
        }
    }

    private static KeyManager[] keys(CredentialFiles files)
            throws GeneralSecurityException, IOException {
        if (files.key().isEmpty()) {
            return new KeyManager[0];
        }
        // A key store in memory only, so its password guards nothing.
        char[] password = {};
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, password);
        store.setKeyEntry(
                "key", files.key().get(), password, files.chain().toArray(new X509Certificate[0]));
        KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
        factory.init(store, password);
        return factory.getKeyManagers();
    }

    private static X509ExtendedTrustManager check(CredentialFiles files)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, new char[0]);
        for (X509Certificate authority : files.authorities()) {
            store.setCertificateEntry("ca-" + store.size(), authority);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return Stream.of(factory.getTrustManagers())
                .filter(X509ExtendedTrustManager.class::isInstance)
                .map(X509ExtendedTrustManager.class::cast)
                .findFirst()
                .map(standard -> new PeerCheck(standard, files.revoked()))
                .orElseThrow(() -> new GeneralSecurityException("No check of certificates"));
    }

    @Override
    public Endpoint endpoint() {
        return endpoint;
    }

    @Override
    public Map<String, String> info() {
        Map<String, String> info = new LinkedHashMap<>();
        info.put("verify-peer", verifyPeer ? "on" : "off");
        if (!files.chain().isEmpty()) {
            X509Certificate certificate = files.chain().get(0);
            info.put("certificate", DistinguishedName.of(certificate.getSubjectX500Principal()));
            info.put("valid until", certificate.getNotAfter().toInstant().toString());
        }
        return info;
    }

    @Override
    public TlsChannel secure(ByteChannel channel, String peerName) throws IOException {
        EngineChannel secured = new EngineChannel(channel, engine(peerName));
        secured.handshake(verifyPeer);
        return secured;
    }

    private SSLEngine engine(String peerName) throws IOException {
        try {
            // One for each connection, so that none resumes the session of another: who resumes
            // is not looked at again, and certificates expire.
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trust, null);
            boolean named = endpoint == Endpoint.CLIENT && !peerName.isEmpty();
            SSLEngine engine =
                    named ? context.createSSLEngine(peerName, -1) : context.createSSLEngine();
            engine.setUseClientMode(endpoint == Endpoint.CLIENT);
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setProtocols(VERSIONS);
            parameters.setNeedClientAuth(endpoint == Endpoint.SERVER && verifyPeer);
            if (named && verifyPeer) {
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
            }
            engine.setSSLParameters(parameters);
            return engine;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS cannot be set up: " + e, e);
        }
    }
}
