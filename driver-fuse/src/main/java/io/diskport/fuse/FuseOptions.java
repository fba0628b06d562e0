package io.diskport.fuse;

import io.diskport.api.options.OnOffAuto;
import io.diskport.api.options.Option;
import java.nio.file.Path;

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
                OnOffAuto allowOther) {
    /** Checks that there is a path. */
    public FuseOptions {
        if (mountpoint.toString().isEmpty()) {
            throw new IllegalArgumentException("mountpoint is empty: name an existing file");
        }
    }
}
