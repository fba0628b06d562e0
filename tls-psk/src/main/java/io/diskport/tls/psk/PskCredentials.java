package io.diskport.tls.psk;

import io.diskport.api.BlockException;
import io.diskport.api.object.TlsChannel;
import io.diskport.api.object.TlsCredentials;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bouncycastle.tls.TlsClientProtocol;
import org.bouncycastle.tls.TlsServerProtocol;
import org.bouncycastle.tls.crypto.TlsCrypto;

/** Shared keys, ready for use. */
final class PskCredentials implements TlsCredentials {
    private final PskFile file;
    private final Endpoint endpoint;
    private final String username;
    private final SecureRandom random = new SecureRandom();
    private final TlsCrypto crypto = new JdkGcmCrypto(random);
    private final byte[] disguise = new byte[32];

    PskCredentials(PskFile file, Endpoint endpoint, String username) {
        this.file = file;
        this.endpoint = endpoint;
        this.username = username;
        random.nextBytes(disguise);
    }

    @Override
    public Endpoint endpoint() {
        return endpoint;
    }

    @Override
    public Map<String, String> info() {
        Map<String, String> info = new LinkedHashMap<>();
        try {
            info.put("users", String.valueOf(file.keys().size()));
        } catch (BlockException e) {
            info.put("keys", e.getMessage());
        }
        return info;
    }

    @Override
    public TlsChannel secure(ByteChannel channel, String peerName) throws IOException {
        try {
            if (endpoint == Endpoint.CLIENT) {
                PskClient client = new PskClient(crypto, username, file.key(username));
                TlsClientProtocol protocol = new TlsClientProtocol();
                PskChannel secured = new PskChannel(channel, protocol, client);
                secured.handshake(() -> protocol.connect(client));
                return secured;
            }
            PskServer server =
                    new PskServer(crypto, file, new PskServer.Keys(file.keys(), disguise));
            TlsServerProtocol protocol = new TlsServerProtocol();
            PskChannel secured = new PskChannel(channel, protocol, server);
            secured.handshake(() -> protocol.accept(server));
            return secured;
        } catch (BlockException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
