package io.diskport.fuse.engine;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.NativeError;
import io.diskport.natives.NativeFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Ends the kernel's connection under requests that hang: another file takes the place of each
 * descriptor (dup3(2)). With the last reference the kernel ends the connection, and a late reply
 * goes nowhere.
 *
 * <p>The other file is opened beforehand, so that no descriptor has to be free at the end.
 */
public final class ConnectionCut implements AutoCloseable {
    private static final Path CONNECTIONS = Path.of("/sys/fs/fuse/connections");
    private static final NativeFunction DUP3 = NativeFunction.ofInt("dup3", 3);

    private final int[] descriptors;
    private final Path control;
    private final int nothing;
    private final System.Logger log;
    private boolean closed;

    /**
     * Nothing is cut yet.
     *
     * @param device the mount's, {@code major:minor}
     * @param descriptors all that it has of /dev/fuse, not closed here
     */
    public ConnectionCut(String device, System.Logger log, int... descriptors)
            throws BlockException {
        this.descriptors = descriptors.clone();
        this.log = log;
        String minor = device.substring(device.indexOf(':') + 1);
        control = CONNECTIONS.resolve(minor);
        nothing = Libc.open("/dev/null", LibcConstants.O_RDWR | LibcConstants.O_CLOEXEC, 0);
        if (nothing < 0) {
            throw new BlockException(
                    Reason.FAILED, "/dev/null cannot be opened: " + NativeError.message(nothing));
        }
    }

    /** Cuts, unless it is closed. */
    public synchronized void cut() {
        if (closed) {
            return;
        }
        boolean done = true;
        for (int descriptor : descriptors) {
            done &= DUP3.call(nothing, descriptor, LibcConstants.O_CLOEXEC) >= 0;
        }
        if (!done) {
            try {
                Files.writeString(control.resolve("abort"), "1");
            } catch (IOException e) {
                log.log(System.Logger.Level.ERROR, "A FUSE connection cannot be ended", e);
            }
        }
    }

    /** How many requests have no answer yet, where the kernel's control files are mounted. */
    public Optional<String> waiting() {
        try {
            return Optional.of(Files.readString(control.resolve("waiting")).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** From now on nothing is cut: the descriptor's number may be another file's. Idempotent. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Libc.close(nothing);
        }
    }
}
