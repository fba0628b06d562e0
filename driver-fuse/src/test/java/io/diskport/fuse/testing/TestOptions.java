package io.diskport.fuse.testing;

import io.diskport.api.options.OnOffAuto;
import io.diskport.fuse.FuseOptions;
import io.diskport.fuse.FuseOptions.Engine;
import java.nio.file.Path;
import java.util.Optional;

/** Options with what a test does not care about left as it is by default. */
public final class TestOptions {
    private TestOptions() {}

    public static FuseOptions of(Path mountpoint, boolean growable, OnOffAuto allowOther) {
        return of(mountpoint, growable, allowOther, Engine.KERNEL);
    }

    public static FuseOptions of(
            Path mountpoint, boolean growable, OnOffAuto allowOther, Engine engine) {
        return new FuseOptions(mountpoint, growable, allowOther, engine, Optional.empty(), false);
    }
}
