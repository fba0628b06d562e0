package io.diskport.fuse.testing;

import io.diskport.api.BlockException;
import io.diskport.api.export.BlockExport;
import io.diskport.fuse.FuseOptions;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.LibcHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** An export with its fake context, which is gone at the end whatever happened. */
public final class MountedExport implements AutoCloseable {
    /** How a test makes an export. */
    public interface Maker {
        BlockExport make(FakeContext context, FuseOptions options) throws BlockException;
    }

    public final FakeContext context;
    public final BlockExport export;
    public final Path path;
    private boolean deleted;

    public MountedExport(Maker maker, MemoryBackend backend, FuseOptions options)
            throws BlockException {
        this.context = new FakeContext(backend);
        this.path = options.mountpoint();
        this.export = maker.make(context, options);
    }

    /** Whether something is mounted on the path; asks no file system. */
    public static boolean isMounted(Path path) throws IOException {
        return Files.readString(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1)
                .contains(" " + path + " ");
    }

    /** Deletes the export, once. */
    public void delete() {
        if (!deleted) {
            deleted = true;
            export.delete();
        }
    }

    @Override
    public void close() throws IOException {
        delete();
        while (isMounted(path)
                && LibcHost.umount2(path.toString(), LibcConstants.MNT_DETACH) == 0) {
            // one layer after the other
        }
    }
}
