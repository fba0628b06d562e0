package io.diskport.nbd.node;

import io.diskport.api.options.Choice;
import io.diskport.api.options.Option;
import io.diskport.nbd.protocol.Nbd;
import io.diskport.nbd.protocol.NbdUri;
import java.nio.file.Path;
import java.util.Optional;

/** Where an NBD server listens, for those who do not write a URI. */
@Choice("type")
public sealed interface NbdServer {
    /** The address of one of its exports. */
    NbdUri export(String name, boolean tls);

    /**
     * A server behind TCP.
     *
     * @param host a name or address
     * @param port 1 to 65535; a text, as in QEMU's schema
     */
    @Choice("inet")
    record Inet(
            @Option(description = "a host's name or address") String host,
            @Option(description = "the port of TCP", defaultValue = "10809") String port)
            implements NbdServer {
        private static final int MOST = 65535;

        /** Checks the port. */
        public Inet {
            if (number(port) < 1 || number(port) > MOST) {
                throw new IllegalArgumentException(
                        "Option 'server.port' has the value '" + port + "': it is 1 to " + MOST);
            }
        }

        private static int number(String port) {
            try {
                return Integer.parseInt(port);
            } catch (NumberFormatException e) {
                return 0;
            }
        }

        @Override
        public NbdUri export(String name, boolean tls) {
            return new NbdUri(tls, Optional.empty(), host, number(port), name);
        }
    }

    /**
     * A server of this host.
     *
     * @param path the Unix socket it listens on
     */
    @Choice("unix")
    record Unix(
            @Option(description = "the Unix socket it listens on", example = "/run/nbd.sock")
                    Path path)
            implements NbdServer {
        @Override
        public NbdUri export(String name, boolean tls) {
            return new NbdUri(tls, Optional.of(path), "", Nbd.DEFAULT_PORT, name);
        }
    }
}
