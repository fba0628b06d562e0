package io.diskport.nbd.node;

import io.diskport.api.object.TlsCredentials;
import io.diskport.api.options.ObjectRef;
import io.diskport.api.options.Option;
import io.diskport.nbd.protocol.NbdUri;
import java.time.Duration;
import java.util.Optional;

/**
 * The options of an NBD node, beside those that every node has.
 *
 * @param uri the export's address, in place of server and export
 * @param server where the server listens
 * @param export the export's name
 * @param tlsCreds the client's end of TLS
 * @param tlsHostname the name that the server's certificate has to be for
 * @param reconnectDelay how long requests wait for a lost connection
 * @param openTimeout how long the first connection is tried for
 * @param connections how many connections are made, 1 to 16
 */
public record NbdNodeOptions(
        @Option(
                        description = "the export's address, in place of server and export",
                        example = "nbd://localhost/disk")
                Optional<String> uri,
        @Option(description = "where the server listens") Optional<NbdServer> server,
        @Option(description = "the export's name; by default the server's default export")
                Optional<String> export,
        @Option(description = "TLS credentials of endpoint client; the connection is then secured")
                Optional<ObjectRef<TlsCredentials>> tlsCreds,
        @Option(
                        description =
                                "the name that the server's certificate has to be for; by default"
                                        + " the host, and any where the server is a Unix socket")
                Optional<String> tlsHostname,
        @Option(
                        description =
                                "how long requests wait for a lost connection to come back, and"
                                        + " are sent again, before they fail",
                        defaultValue = "0s")
                Duration reconnectDelay,
        @Option(description = "how long the first connection is tried for", defaultValue = "0s")
                Duration openTimeout,
        @Option(
                        description =
                                "how many connections are made, where the server permits several",
                        defaultValue = "1")
                int connections) {
    private static final int MOST_CONNECTIONS = 16;

    /** Checks what belongs together. */
    public NbdNodeOptions {
        if (uri.isPresent() == server.isPresent()) {
            throw new IllegalArgumentException(
                    uri.isPresent()
                            ? "Give either 'uri' or 'server', and not both"
                            : "Parameter 'server' is missing: give server.type and what it needs,"
                                    + " or uri, for instance uri=nbd://localhost/disk");
        }
        if (uri.isPresent() && export.isPresent()) {
            throw new IllegalArgumentException(
                    "Option 'export' goes with 'server'; a URI holds the export's name itself: "
                            + uri.get());
        }
        if (connections < 1 || connections > MOST_CONNECTIONS) {
            throw new IllegalArgumentException(
                    "Option 'connections' has the value '"
                            + connections
                            + "': it is 1 to "
                            + MOST_CONNECTIONS);
        }
        notNegative("reconnect-delay", reconnectDelay);
        notNegative("open-timeout", openTimeout);
        NbdUri address = address(uri, server, export, tlsCreds.isPresent());
        if (address.tls() && tlsCreds.isEmpty()) {
            throw new IllegalArgumentException(
                    "'" + address + "' asks for TLS: option 'tls-creds' has to name credentials");
        }
        if (tlsHostname.isPresent() && tlsCreds.isEmpty()) {
            throw new IllegalArgumentException(
                    "Option 'tls-hostname' means nothing without 'tls-creds'");
        }
    }

    private static void notNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(
                    "Option '" + name + "' has a negative value: " + value);
        }
    }

    private static NbdUri address(
            Optional<String> uri,
            Optional<NbdServer> server,
            Optional<String> export,
            boolean tls) {
        if (server.isPresent()) {
            return server.get().export(export.orElse(""), tls);
        }
        NbdUri parsed = NbdUri.parse(uri.orElseThrow());
        return new NbdUri(
                tls || parsed.tls(),
                parsed.socket(),
                parsed.host(),
                parsed.port(),
                parsed.exportName());
    }

    /** The export's address, in whichever way it was given. */
    public NbdUri address() {
        return address(uri, server, export, tlsCreds.isPresent());
    }
}
