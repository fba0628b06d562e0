package io.diskport.fuse.mount;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How far the kernel reads ahead of a client that reads one thing after the other. */
public final class Readahead {
    private static final Path SETTINGS = Path.of("/sys/class/bdi");

    // benchmarks/fuse: requests of this size still fit into the processor's cache.
    private static final int KIBIBYTES = 256;

    private Readahead() {}

    /**
     * Sets it for a mount whose FUSE_INIT has been answered, where this process may; otherwise it
     * stays at the kernel's 128 KiB.
     *
     * @param device the mount's, {@code major:minor}
     */
    public static void set(String device) {
        try {
            Path setting = SETTINGS.resolve(device).resolve("read_ahead_kb");
            Files.writeString(setting, String.valueOf(KIBIBYTES));
        } catch (IOException e) {
            // Only root may, and not in every container: it is slower then, no more.
        }
    }
}
