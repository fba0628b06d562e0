package io.diskport.launcher;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Takes away the mounts of a daemon that was killed: their paths answer ENOTCONN, and one of them
 * may be the image that a node is about to open.
 */
final class DeadMounts {
    /** What FUSE exports mount as: type fuse with this subtype. */
    /** ENOTCONN and ECONNABORTED; bin/diskport has the C library speak English. */
    private static final Set<String> DEAD =
            Set.of("Transport endpoint is not connected", "Software caused connection abort");

    private static final String TYPE = "fuse.diskport";

    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
    private static final int STACKED_AT_MOST = 16;
    private static final int ANSWER_SECONDS = 2;

    private DeadMounts() {}

    /** Cleans all; what cannot be cleaned is said in the log and left. */
    static void clean() {
        Set<Path> leave = new HashSet<>();
        for (int round = 0; round < STACKED_AT_MOST; round++) {
            List<Path> mounts = mountpoints();
            mounts.removeAll(leave);
            if (mounts.isEmpty()) {
                return;
            }
            for (Path mount : new HashSet<>(mounts)) {
                if (!isDead(mount) || !unmount(mount)) {
                    leave.add(mount);
                }
            }
        }
    }

    private static List<Path> mountpoints() {
        try {
            return mountpoints(Files.readString(MOUNTS, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return List.of(); // no Linux, no FUSE
        }
    }

    /** The mountpoints of our type in a text as proc(5) describes /proc/pid/mountinfo. */
    static List<Path> mountpoints(String mountinfo) {
        List<Path> found = new ArrayList<>();
        for (String line : mountinfo.split("\n")) {
            int separator = line.indexOf(" - ");
            if (separator < 0 || !line.startsWith(TYPE + " ", separator + 3)) {
                continue;
            }
            String[] fields = line.split(" ", 6);
            try {
                found.add(Path.of(unescape(fields[4])));
            } catch (InvalidPathException e) {
                LogLine.print(
                        "WARN",
                        "launcher",
                        "a mountpoint cannot be said in this locale: " + fields[4]);
            }
        }
        return found;
    }

    /** Space, tab, newline and backslash stand there as three octal digits; bytes are UTF-8. */
    private static String unescape(String field) {
        StringBuilder bytes = new StringBuilder();
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            if (c == '\\' && i + 3 < field.length()) {
                bytes.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                bytes.append(c);
            }
        }
        return new String(
                bytes.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** A daemon that lives and does not answer would block us: so a thread that we can leave. */
    private static boolean isDead(Path mount) {
        FutureTask<Void> look =
                new FutureTask<>(
                        () -> {
                            Files.readAttributes(mount, BasicFileAttributes.class);
                            return null;
                        });
        Thread thread = new Thread(look, "look at " + mount);
        thread.setDaemon(true);
        thread.start();
        try {
            look.get(ANSWER_SECONDS, TimeUnit.SECONDS);
            return false;
        } catch (ExecutionException e) {
            Throwable why = e.getCause();
            // No reason is given for a folder of somebody else's, into which we may not look.
            return why instanceof FileSystemException named
                    && named.getReason() != null
                    && DEAD.contains(named.getReason());
        } catch (TimeoutException e) {
            LogLine.print(
                    "WARN",
                    "launcher",
                    "the daemon behind the mount " + mount + " does not answer");
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static boolean unmount(Path mount) {
        List<List<String>> ways =
                isRoot()
                        ? List.of(List.of("umount", "-i", "-l"))
                        : List.of(
                                List.of("fusermount", "-u", "-z"),
                                List.of("fusermount3", "-u", "-z"));
        String why = "";
        for (List<String> way : ways) {
            List<String> command = new ArrayList<>(way);
            command.add(mount.toString());
            why = run(command);
            if (why.isEmpty()) {
                LogLine.print(
                        "INFO", "launcher", "took away the mount a killed daemon left: " + mount);
                return true;
            }
        }
        LogLine.print(
                "WARN",
                "launcher",
                "cannot take away the mount a killed daemon left at " + mount + ": " + why);
        return false;
    }

    private static boolean isRoot() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException e) {
            return false;
        }
    }

    /** Runs a command; empty if it succeeded, else what it said. */
    private static String run(List<String> command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return String.join(" ", command) + " does not end";
            }
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.exitValue() == 0 ? "" : said.isBlank() ? "it failed" : said.strip();
        } catch (IOException e) {
            return e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }
}
