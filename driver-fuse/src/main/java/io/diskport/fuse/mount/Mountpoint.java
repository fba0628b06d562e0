package io.diskport.fuse.mount;

import java.nio.file.Path;

/**
 * A file that is free to be mounted on, held for one export until it is closed.
 *
 * @param given as the user wrote it
 * @param real with all links resolved
 * @param holder who keeps others from it meanwhile
 */
public record Mountpoint(Path given, Path real, Mountpoints holder) implements AutoCloseable {
    /** Gives it back. Idempotent. */
    @Override
    public void close() {
        holder.release(real);
    }
}
