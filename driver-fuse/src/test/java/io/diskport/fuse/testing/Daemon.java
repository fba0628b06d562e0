package io.diskport.fuse.testing;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@link ServeMain} as a process. */
public final class Daemon implements AutoCloseable {
    public static final String USUAL_PATH = "/usr/bin:/bin";

    public final Process process;
    private final BufferedReader output;
    private final StringBuilder said = new StringBuilder();

    private Daemon(List<String> command) throws IOException {
        this(new ProcessBuilder(command));
    }

    private Daemon(ProcessBuilder builder) throws IOException {
        process = builder.redirectErrorStream(true).start();
        output = new BufferedReader(new InputStreamReader(process.getInputStream()));
    }

    /** Starts one as this user. */
    public static Daemon start(Path mountpoint) throws IOException {
        String classPath = System.getProperty("java.class.path");
        return new Daemon(java(classPath, mountpoint, "AUTO", USUAL_PATH));
    }

    /** Starts one as this user, in a locale. */
    public static Daemon startIn(String locale, Path mountpoint) throws IOException {
        String classPath = System.getProperty("java.class.path");
        ProcessBuilder builder =
                new ProcessBuilder(java(classPath, mountpoint, "AUTO", USUAL_PATH));
        builder.environment().put("LC_ALL", locale);
        return new Daemon(builder);
    }

    /**
     * Starts one as user nobody, from copies in a folder that this user can read, in a mount
     * namespace of its own where /dev/fuse has the given mode.
     */
    public static Daemon startAsNobody(
            Path folder, String deviceMode, Path mountpoint, String allowOther, String searchPath)
            throws IOException {
        Path device = folder.resolve("device-" + deviceMode);
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "unshare",
                                "-m",
                                "sh",
                                "-c",
                                "mknod -m $0 $1 c 10 229; mount --bind $1 /dev/fuse; shift; exec"
                                        + " setpriv --reuid=65534 --regid=65534 --clear-groups"
                                        + " \"$@\"",
                                deviceMode,
                                device.toString()));
        command.addAll(java(copyClassPath(folder), mountpoint, allowOther, searchPath));
        return new Daemon(command);
    }

    /** The same command, where this daemon's mounts are and as its user. */
    public String inside(String command) {
        return "nsenter -t "
                + process.pid()
                + " -m setpriv --reuid=65534 --regid=65534 --clear-groups "
                + command;
    }

    /** The next line it says. */
    public String line() throws IOException {
        String line = output.readLine();
        if (line == null) {
            fail("the daemon ended: " + said);
        }
        said.append(line).append('\n');
        return line;
    }

    /** All that it still says until it ends. */
    public String rest() throws IOException {
        StringBuilder rest = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            rest.append(line).append('\n');
        }
        return rest.toString().strip();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    private static List<String> java(
            String classPath, Path mountpoint, String allowOther, String searchPath) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
        if (Runtime.version().feature() >= 24) {
            // Otherwise Java warns of what jffi does, and the tests expect that nothing is printed.
            command.add("--enable-native-access=ALL-UNNAMED");
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        command.addAll(List.of("-cp", classPath, ServeMain.class.getName()));
        command.addAll(List.of(mountpoint.toString(), allowOther, searchPath));
        return command;
    }

    private static String copyClassPath(Path folder) throws IOException {
        List<String> copies = new ArrayList<>();
        int number = 0;
        for (String entry : System.getProperty("java.class.path").split(":")) {
            Path copy = folder.resolve("cp" + number++);
            copyTree(Path.of(entry), copy);
            copies.add(copy.toString());
        }
        return String.join(":", copies);
    }

    private static void copyTree(Path from, Path to) throws IOException {
        if (!Files.exists(from)) {
            return;
        }
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (from.equals(file)) {
                    copy = to;
                }
                boolean isFolder = Files.isDirectory(file);
                Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
                Files.setPosixFilePermissions(
                        copy,
                        PosixFilePermissions.fromString(isFolder ? "rwxr-xr-x" : "rw-r--r--"));
            }
        }
    }
}
