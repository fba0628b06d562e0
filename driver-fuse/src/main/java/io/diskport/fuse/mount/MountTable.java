package io.diskport.fuse.mount;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The mounts of this process' namespace, from /proc/self/mountinfo (proc_pid_mountinfo(5)).
 *
 * <p>Reading it asks no file system anything, so it is safe on a mount that nobody serves.
 */
public final class MountTable {
    private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");

    /**
     * One mount.
     *
     * @param id its number, which no other mount has while it exists
     * @param device {@code major:minor}
     * @param mountpoint where it is, with all links resolved
     * @param type the file system's, for instance {@code fuse.diskport}
     * @param options of the mount and of its file system
     */
    public record Mount(int id, String device, Path mountpoint, String type, String options) {
        /** Whether a FUSE daemon serves it. */
        public boolean isFuse() {
            return type.equals("fuse") || type.equals("fuseblk") || type.startsWith("fuse.");
        }
    }

    private MountTable() {}

    /** The topmost mount on exactly this path. */
    public static Optional<Mount> at(Path mountpoint) throws IOException {
        return read().stream()
                .filter(mount -> mount.mountpoint().equals(mountpoint))
                .reduce((below, above) -> above);
    }

    private static List<Mount> read() throws IOException {
        return parse(new String(Files.readAllBytes(MOUNTINFO), StandardCharsets.UTF_8));
    }

    static List<Mount> parse(String mountinfo) {
        return mountinfo.lines().map(MountTable::parseLine).toList();
    }

    private static Mount parseLine(String line) {
        // 36 35 98:0 /root /mnt rw,noatime shared:1 - ext3 /dev/root rw,errors=continue
        String[] halves = line.split(" - ", 2);
        String[] mount = halves[0].split(" ");
        String[] system = halves[1].split(" ");
        return new Mount(
                Integer.parseInt(mount[0]),
                mount[2],
                Path.of(unescape(mount[4])),
                system[0],
                mount[5] + "," + system[system.length - 1]);
    }

    /** Space, tab, newline and backslash come as three octal digits. */
    private static String unescape(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\\' && i + 3 < text.length()) {
                plain.append((char) Integer.parseInt(text.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                plain.append(text.charAt(i));
            }
        }
        return plain.toString();
    }
}
