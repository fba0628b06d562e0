package io.diskport.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The mounts of a process' namespace; nothing here asks a mount itself anything. */
final class Mounts {
    private Mounts() {}

    /** Our own FUSE mounts below a folder, or on it. */
    static List<Path> ours(Path below) {
        return below("self", below, "fuse.diskport");
    }

    static List<Path> below(String pid, Path folder, String type) {
        try {
            return Files.readString(Path.of("/proc", pid, "mountinfo"), StandardCharsets.ISO_8859_1)
                    .lines()
                    .filter(line -> line.contains(" - " + type))
                    .map(line -> Path.of(line.split(" ")[4]))
                    .filter(mount -> mount.startsWith(folder))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    static boolean isMounted(Path file) {
        return ours(file).contains(file);
    }

    /** Takes away every mount below a folder, whatever it is and whoever uses it. */
    static void clear(Path folder) {
        for (int round = 0; round < 20; round++) {
            List<Path> mounts = below("self", folder, "");
            if (mounts.isEmpty()) {
                return;
            }
            for (int i = mounts.size() - 1; i >= 0; i--) {
                Client.run(Distribution.work(), "umount", "-i", "-l", mounts.get(i));
            }
        }
    }
}
