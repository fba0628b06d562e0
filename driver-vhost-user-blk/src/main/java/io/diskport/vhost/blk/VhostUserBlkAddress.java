package io.diskport.vhost.blk;

import io.diskport.api.options.Choice;
import io.diskport.api.options.Option;
import java.nio.file.Path;

/** Where front-ends connect. */
@Choice("type")
public sealed interface VhostUserBlkAddress {
    /** A Unix socket that the export makes. */
    @Choice("unix")
    record Unix(
            @Option(
                            description = "path of the socket, for this user only",
                            example = "/run/diskport/vm.sock")
                    Path path)
            implements VhostUserBlkAddress {
        @Override
        public String toString() {
            return path.toString();
        }
    }

    /** A listening Unix socket that the daemon was started with. */
    @Choice("fd")
    record Fd(
            @Option(
                            description = "number of an inherited descriptor: a listening socket",
                            example = "3")
                    String str)
            implements VhostUserBlkAddress {
        /** Checks that it is a number. */
        public Fd {
            if (!str.matches("[0-9]{1,9}")) {
                throw new IllegalArgumentException(
                        "Option 'addr.str' has the value '"
                                + str
                                + "': name an inherited descriptor by its number");
            }
        }

        int number() {
            return Integer.parseInt(str);
        }

        @Override
        public String toString() {
            return "fd:" + str;
        }
    }
}
