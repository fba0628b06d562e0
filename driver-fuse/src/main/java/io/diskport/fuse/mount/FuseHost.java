package io.diskport.fuse.mount;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.LibcHost;
import io.diskport.natives.NativeError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What this host gives for mounting.
 *
 * @param device the kernel's FUSE device
 * @param searchPath where fusermount is looked for, folders with colons between
 */
public record FuseHost(Path device, String searchPath) {
    private static final int UMOUNT_NOFOLLOW = 8;

    /** The host as it usually is. */
    public static FuseHost here() {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return new FuseHost(Path.of("/dev/fuse"), path + ":/usr/bin:/bin:/usr/local/bin");
    }

    /** What is missing for any mount at all, in plain words; empty where nothing is. */
    public Optional<String> problem() {
        return Files.exists(device) ? Optional.empty() : Optional.of(missingDevice());
    }

    Optional<Fusermount> fusermount() {
        return Fusermount.find(searchPath);
    }

    /** Opens the device, close-on-exec and non-blocking. */
    int openDevice() throws BlockException {
        int flags = LibcConstants.O_RDWR | LibcConstants.O_CLOEXEC | LibcConstants.O_NONBLOCK;
        int descriptor = Libc.open(device.toString(), flags, 0);
        if (descriptor >= 0) {
            return descriptor;
        }
        int error = -descriptor;
        if (error == NativeError.ENOENT
                || error == NativeError.ENODEV
                || error == NativeError.ENXIO) {
            throw new BlockException(Reason.UNAVAILABLE, missingDevice());
        }
        if (error == NativeError.EACCES || error == NativeError.EPERM) {
            throw deviceDenied();
        }
        throw new BlockException(
                Reason.FAILED, "cannot open " + device + ": " + NativeError.message(error));
    }

    /** Detaches the topmost mount at a path; clients that have it open keep it. */
    void detach(Path mountpoint) throws IOException {
        int result =
                LibcHost.umount2(mountpoint.toString(), LibcConstants.MNT_DETACH | UMOUNT_NOFOLLOW);
        if (result == -NativeError.EPERM) {
            fusermount()
                    .orElseThrow(() -> new IOException("fusermount is not installed"))
                    .unmount(mountpoint);
        } else if (result < 0) {
            throw new IOException(NativeError.message(result));
        }
    }

    /** Loads the classes that {@link #detach} needs: it may be called when the bundle has gone. */
    void prepareToDetach() {
        fusermount();
        try {
            Command.run(1, List.of("true"));
        } catch (IOException e) {
            // They are loaded all the same.
        }
    }

    BlockException deviceDenied() {
        return new BlockException(
                Reason.DENIED,
                "no permission to open "
                        + device
                        + ": give this user access to it (chmod a+rw), or give the container the"
                        + " device");
    }

    private String missingDevice() {
        return "there is no "
                + device
                + ": load the kernel's module (modprobe fuse), or give the container the device";
    }
}
