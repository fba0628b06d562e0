package io.diskport.nbd.server;

import io.diskport.api.object.Authorization;
import io.diskport.api.object.TlsCredentials;
import io.diskport.api.options.ObjectRef;
import io.diskport.api.options.Option;
import java.time.Duration;
import java.util.Optional;

/**
 * The options of an object of type nbd-server.
 *
 * @param addr where it listens
 * @param tlsCreds what connections are secured with
 * @param tlsAuthz who may connect, by the identity that TLS gives
 * @param tlsRequired whether clients that do not ask for TLS are turned away
 * @param maxConnections how many clients there may be at once
 * @param handshakeTimeout how long a client may take to choose an export
 * @param idleTimeout how long a client may be silent; 0 for ever
 */
public record NbdServerOptions(
        @Option(description = "where to listen") NbdAddress addr,
        @Option(description = "credentials for TLS; without them there is none")
                Optional<ObjectRef<TlsCredentials>> tlsCreds,
        @Option(description = "who may connect, by the identity that TLS gives")
                Optional<ObjectRef<Authorization>> tlsAuthz,
        @Option(
                        description = "with tls-creds, turn away clients that do not ask for TLS",
                        defaultValue = "on")
                boolean tlsRequired,
        @Option(
                        description =
                                "how many clients at once; 0 for as many as come, and with 1"
                                        + " an export does not offer several connections to a client",
                        defaultValue = "100")
                int maxConnections,
        @Option(
                        description = "how long a client may take to choose an export",
                        defaultValue = "10s")
                Duration handshakeTimeout,
        @Option(
                        description = "drop clients that ask for nothing for so long; 0s never",
                        defaultValue = "0s")
                Duration idleTimeout) {
    /** Checks what the types cannot say. */
    public NbdServerOptions {
        if (maxConnections < 0) {
            throw new IllegalArgumentException(
                    "Option 'max-connections' has the value '"
                            + maxConnections
                            + "': it is 0 or more");
        }
        if (handshakeTimeout.isZero() || handshakeTimeout.isNegative()) {
            throw new IllegalArgumentException(
                    "Option 'handshake-timeout' has to be longer than 0s");
        }
        if (tlsAuthz.isPresent() && tlsCreds.isEmpty()) {
            throw new IllegalArgumentException(
                    "Option 'tls-authz' needs 'tls-creds': without TLS nobody has an identity");
        }
    }

    int connections() {
        return maxConnections == 0 ? Integer.MAX_VALUE : maxConnections;
    }
}
