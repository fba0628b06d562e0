package io.diskport.nbd.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;

/** The file of a Unix socket, to be removed at the end unless somebody has put another there. */
record SocketFile(Path path, Object key) {
    static Optional<SocketFile> of(NbdAddress address) throws IOException {
        return address instanceof NbdAddress.Unix unix
                        && Files.exists(unix.path(), LinkOption.NOFOLLOW_LINKS)
                ? Optional.of(new SocketFile(unix.path(), key(unix.path())))
                : Optional.empty();
    }

    private static Object key(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    void remove() throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && Objects.equals(key, key(path))) {
            Files.delete(path);
        }
    }
}
