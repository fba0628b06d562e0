package io.diskport.it;

/** What serves a FUSE export. */
enum FuseEngine {
    LIBFUSE;

    /** Asks for a writable and growable export with this engine, with its node's name as its id. */
    void desire(Site site, String node, java.nio.file.Path mountpoint) {
        site.desireExport(
                node, "fuse", "node-name = " + node, "mountpoint = " + mountpoint, "growable = on");
    }

    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
