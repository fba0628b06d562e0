package io.diskport.qmp;

import io.diskport.api.options.Choice;
import io.diskport.api.options.Option;
import java.nio.file.Path;

/** Where a monitor and its client meet. */
@Choice("type")
public sealed interface MonitorAddress {
    /** A Unix socket. */
    @Choice("unix")
    record Unix(
            @Option(
                            description = "path of the socket, for this user only",
                            example = "/run/diskport/qmp.sock")
                    Path path)
            implements MonitorAddress {
        @Override
        public String toString() {
            return path.toString();
        }
    }

    /** A port of TCP. */
    @Choice("inet")
    record Inet(
            @Option(
                            description =
                                    "an address of this host's own; others are for server=off",
                            defaultValue = "127.0.0.1")
                    String host,
            @Option(description = "port; 0 takes a free one", example = "4444") int port)
            implements MonitorAddress {
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

    /** Standard input and output of the daemon. */
    @Choice("stdio")
    record Stdio() implements MonitorAddress {
        @Override
        public String toString() {
            return "standard input and output";
        }
    }
}
