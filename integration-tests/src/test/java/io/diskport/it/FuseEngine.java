package io.diskport.it;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What serves a FUSE export, with its options. */
enum FuseEngine {
    LIBFUSE("engine = libfuse"),
    KERNEL("engine = kernel"),
    PASSTHROUGH("engine = kernel", "passthrough = on");

    private final List<String> options;

    FuseEngine(String... options) {
        this.options = List.of(options);
    }

    /** Asks for a writable and growable export, with its node's name as its id. */
    void desire(Site site, String node, Path mountpoint) {
        Stream<String> usual =
                Stream.of("node-name = " + node, "mountpoint = " + mountpoint, "growable = on");
        site.desireExport(
                node, "fuse", Stream.concat(usual, options.stream()).toArray(String[]::new));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
