package io.diskport.fuse;

import io.diskport.fuse.mount.FuseHost;

/** Makes drivers for hosts that are not as usual. */
public final class FuseTestDriver {
    private FuseTestDriver() {}

    public static FuseExportDriver on(FuseHost host) {
        return new FuseExportDriver(host);
    }
}
