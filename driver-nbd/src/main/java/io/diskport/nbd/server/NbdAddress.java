package io.diskport.nbd.server;

import io.diskport.api.options.Choice;
import io.diskport.api.options.Option;
import io.diskport.nbd.protocol.Nbd;
import java.nio.file.Path;

/** Where a server listens. */
@Choice("type")
public sealed interface NbdAddress {
    /** A port of TCP. */
    @Choice("inet")
    record Inet(
            @Option(
                            description =
                                    "host name or address to listen on; others than this host"
                                            + " reach it only if one of its outer addresses is given",
                            defaultValue = "127.0.0.1",
                            example = "0.0.0.0")
                    String host,
            @Option(description = "port; 0 takes a free one", defaultValue = "" + Nbd.DEFAULT_PORT)
                    int port)
            implements NbdAddress {
        /** Checks the port. */
        public Inet {
            if (port < 0 || port > 65535) {
                throw new IllegalArgumentException(
                        "Option 'addr.port' has the value '" + port + "': a port is 0 to 65535");
            }
        }

        @Override
        public String toString() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /** A Unix socket. */
    @Choice("unix")
    record Unix(
            @Option(
                            description = "path of the socket, for this user only",
                            example = "/run/diskport/nbd.sock")
                    Path path)
            implements NbdAddress {
        @Override
        public String toString() {
            return path.toString();
        }
    }

    /** The socket that systemd or inetd gave to the daemon. */
    @Choice("inherited")
    record Inherited() implements NbdAddress {
        @Override
        public String toString() {
            return "the inherited socket";
        }
    }
}
