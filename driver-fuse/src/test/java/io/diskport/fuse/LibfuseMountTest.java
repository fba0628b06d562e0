package io.diskport.fuse;

import io.diskport.fuse.FuseOptions.Engine;

/** Mounts that engine=libfuse serves. */
class LibfuseMountTest extends FuseMountTest {
    LibfuseMountTest() {
        super(Engine.LIBFUSE, 128 * 1024, "engine=libfuse");
    }
}
