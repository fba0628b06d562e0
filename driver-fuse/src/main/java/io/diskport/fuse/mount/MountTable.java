package io.diskport.fuse.mount;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The mounts of this process' namespace, from /proc/self/mountinfo (proc_pid_mountinfo(5)).
 *
 * <p>Reading it asks no file system anything, so it is safe on a mount that nobody serves. The
 * names of other mounts are bytes that need not mean anything in the JVM's charset, so they are
 * compared as bytes: each is one character of a text in ISO 8859-1.
 */
public final class MountTable {
    private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");
    private static final Charset FILE_NAMES = fileNames();

    // 36 35 98:0 /root /mnt rw,noatime shared:1 - ext3 /dev/root rw,errors=continue
    private static final Pattern LINE =
            Pattern.compile(
                    "([0-9]{1,9}) [0-9]+ ([0-9]+:[0-9]+) [^ ]+ ([^ ]+) .*? - ([^ ]+) .*",
                    Pattern.DOTALL);

    // Space, tab, newline and backslash come as three octal digits.
    private static final Pattern ESCAPE = Pattern.compile("\\\\([0-3][0-7]{2})");

    /**
     * One mount.
     *
     * @param id its number, which no other mount has while it exists
     * @param device {@code major:minor}, which no other file system has while it exists
     * @param mountpoint where it is, with all links resolved: a character for each byte
     * @param type the file system's, for instance {@code fuse.diskport}
     */
    public record Mount(int id, String device, String mountpoint, String type) {
        /** Whether a FUSE daemon serves it. */
        public boolean isFuse() {
            return type.equals("fuse") || type.equals("fuseblk") || type.startsWith("fuse.");
        }
    }

    private MountTable() {}

    /** The topmost mount on exactly this path. */
    public static Optional<Mount> at(Path mountpoint) throws IOException {
        String bytes =
                new String(mountpoint.toString().getBytes(FILE_NAMES), StandardCharsets.ISO_8859_1);
        return read().filter(mount -> mount.mountpoint().equals(bytes))
                .reduce((below, above) -> above);
    }

    /** Whether a mount is still there, on whatever path. */
    static boolean has(Mount wanted) throws IOException {
        return read().anyMatch(
                        mount ->
                                mount.id() == wanted.id()
                                        && mount.device().equals(wanted.device()));
    }

    private static Stream<Mount> read() throws IOException {
        return parse(Files.readAllBytes(MOUNTINFO));
    }

    /** The mounts of the lines that can be understood. */
    static Stream<Mount> parse(byte[] mountinfo) {
        // Not String.lines(): a carriage return is an ordinary character here.
        return Stream.of(new String(mountinfo, StandardCharsets.ISO_8859_1).split("\n"))
                .map(LINE::matcher)
                .filter(Matcher::matches)
                .map(MountTable::mount);
    }

    private static Mount mount(MatchResult line) {
        return new Mount(
                Integer.parseInt(line.group(1)),
                line.group(2),
                unescape(line.group(3)),
                line.group(4));
    }

    private static String unescape(String text) {
        return ESCAPE.matcher(text)
                .replaceAll(
                        escape -> {
                            char plain = (char) Integer.parseInt(escape.group(1), 8);
                            return Matcher.quoteReplacement(String.valueOf(plain));
                        });
    }

    /** The charset in which the JVM hands paths to the system. */
    private static Charset fileNames() {
        String name = System.getProperty("sun.jnu.encoding", "UTF-8");
        return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
    }
}
