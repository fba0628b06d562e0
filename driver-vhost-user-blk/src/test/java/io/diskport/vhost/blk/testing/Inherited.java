package io.diskport.vhost.blk.testing;

import java.nio.file.Path;

/** A socket that somebody else made, and listens on. */
public final class Inherited {
    private Inherited() {}

    /** The number of its descriptor. */
    public static int listen(Path socket) {
        return Sys.listen(socket.toString());
    }

    public static void close(int descriptor) {
        Sys.close(descriptor);
    }
}
