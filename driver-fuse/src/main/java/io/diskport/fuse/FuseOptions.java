package io.diskport.fuse;

import io.diskport.api.options.OnOffAuto;
import io.diskport.api.options.Option;
import java.nio.file.Path;
import java.util.Optional;

/** What a FUSE export is told. */
public record FuseOptions(
        @Option(
                        description =
                                "an existing regular file to mount on; may be the image itself",
                        example = "/srv/disk")
                Path mountpoint,
        @Option(description = "writes past the end enlarge the node", defaultValue = "off")
                boolean growable,
        @Option(
                        description =
                                "let other users in; auto tries it and goes on without it where"
                                        + " the host does not allow it",
                        defaultValue = "auto")
                OnOffAuto allowOther,
        @Option(
                        description =
                                "what serves the mount: kernel speaks the kernel's protocol"
                                        + " itself; libfuse goes through libfuse 2 and cannot hand"
                                        + " over",
                        defaultValue = "kernel")
                Engine engine,
        @Option(
                        description =
                                "how many threads take requests, 1 to 64; left out: one a"
                                        + " processor, at most 4 (engine=kernel)",
                        example = "4")
                Optional<Integer> workers,
        @Option(
                        description =
                                "let the kernel read and write the node's plain file itself, past"
                                        + " limits and statistics (engine=kernel, Linux 6.9, root)",
                        defaultValue = "off")
                boolean passthrough) {
    private static final int MOST_WORKERS = 64;
    private static final int USUAL_WORKERS = 4;

    /** What serves a mount. */
    public enum Engine {
        /** The kernel's protocol, spoken by the driver itself. */
        KERNEL,
        /** libfuse 2 through jnr-fuse. */
        LIBFUSE
    }

    /** Checks what can be checked without looking at the host. */
    public FuseOptions {
        if (workers.isPresent() && (workers.get() < 1 || workers.get() > MOST_WORKERS)) {
            throw new IllegalArgumentException(
                    "workers=" + workers.get() + " is not between 1 and " + MOST_WORKERS);
        }
        if (engine == Engine.LIBFUSE && workers.isPresent()) {
            throw new IllegalArgumentException(
                    "workers is an option of engine=kernel; engine=libfuse starts them as needed");
        }
        if (engine == Engine.LIBFUSE && passthrough) {
            throw new IllegalArgumentException("passthrough=on needs engine=kernel");
        }
        if (mountpoint.toString().isEmpty()) {
            throw new IllegalArgumentException("mountpoint is empty: name an existing file");
        }
    }

    /** How many threads receive requests. */
    int receivers() {
        return workers.orElseGet(
                () -> Math.min(USUAL_WORKERS, Runtime.getRuntime().availableProcessors()));
    }
}
