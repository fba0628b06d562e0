package io.diskport.fuse;

import io.diskport.fuse.FuseOptions.Engine;

/** Mounts that engine=kernel serves. */
class KernelMountTest extends FuseMountTest {
    KernelMountTest() {
        super(
                Engine.KERNEL,
                1 << 20,
                "engine=kernel, workers="
                        + Math.min(4, Runtime.getRuntime().availableProcessors())
                        + ", max-request=1048576, passthrough=off");
    }
}
