package io.diskport.fuse;

import io.diskport.api.Handover;
import io.diskport.fuse.file.FuseFile;
import io.diskport.fuse.mount.FuseMount;
import java.util.Map;
import java.util.Optional;

/**
 * What one version of the driver leaves to the next, so that clients keep their open files: the
 * descriptors of /dev/fuse with what was agreed on in FUSE_INIT, where it is mounted, and the
 * file's attributes and handles. All in types of the JDK, and descriptors; except for what unmounts
 * if nobody comes, which the next version does not touch. It needs no class that is not loaded by
 * then, see {@link FuseMount#prepareToDetach}.
 *
 * @param mount of {@link FuseMount#save}
 * @param file of {@link FuseFile#save}
 * @param connection the engine's
 */
record FuseHandover(Map<?, ?> mount, Map<?, ?> file, Map<?, ?> connection) {
    private static final String FORMAT = "fuse-kernel";
    private static final int MAJOR = 1;

    static Handover of(
            FuseMount mount, FuseFile file, Map<String, Object> connection, System.Logger log) {
        return new Handover(
                FORMAT,
                MAJOR,
                Map.of(
                        "mount", mount.save(),
                        "file", file.save(),
                        "connection", connection,
                        "unmount", unmount(mount, connection, log)));
    }

    /**
     * Takes the mount away if nobody goes on with it: with its descriptors closed it would be a
     * dead one. They are closed first, for the kernel may wait for whoever serves it.
     */
    private static AutoCloseable unmount(
            FuseMount mount, Map<String, Object> connection, System.Logger log) {
        return () -> {
            drop(connection, log);
            mount.detach();
        };
    }

    /** What another version has left; empty if this version cannot read it. */
    static Optional<FuseHandover> read(Handover left) {
        return left.is(FORMAT, MAJOR)
                ? Optional.of(
                        new FuseHandover(
                                (Map<?, ?>) left.state().get("mount"),
                                (Map<?, ?>) left.state().get("file"),
                                (Map<?, ?>) left.state().get("connection")))
                : Optional.empty();
    }

    /** Where it is mounted, with all links resolved. */
    String mountpoint() {
        return (String) mount.get("mountpoint");
    }

    /** Whether the kernel reads and writes the file by itself. */
    boolean passthrough() {
        return !Integer.valueOf(0).equals(connection.get("backing"));
    }

    /** Closes whatever is in what was left: nobody goes on with it. Idempotent. */
    static void drop(Object left, System.Logger log) {
        if (left instanceof Map<?, ?> map) {
            map.values().forEach(value -> drop(value, log));
        } else if (left instanceof Iterable<?> values) {
            values.forEach(value -> drop(value, log));
        } else if (left instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception | LinkageError e) {
                log.log(System.Logger.Level.WARNING, "Something that was left stays open", e);
            }
        }
    }
}
