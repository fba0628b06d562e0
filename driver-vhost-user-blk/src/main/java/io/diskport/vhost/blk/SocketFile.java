package io.diskport.vhost.blk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

/**
 * The file of a Unix socket, to be removed at the end unless somebody has put another there.
 *
 * @param key of the file, as text
 */
record SocketFile(Path path, String key) {
    static SocketFile of(Path path) throws IOException {
        return new SocketFile(path, key(path));
    }

    private static String key(Path path) throws IOException {
        return String.valueOf(
                Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .fileKey());
    }

    void remove() throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && Objects.equals(key, key(path))) {
            Files.delete(path);
        }
    }
}
