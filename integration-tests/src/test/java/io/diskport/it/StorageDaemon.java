package io.diskport.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The two programs that take the same command line and speak the same protocol. */
enum StorageDaemon {
    DISKPORT,
    QEMU;

    private static final String QEMU_PROGRAM = "qemu-storage-daemon";
    private static final String RECORDED = "7.2";

    /** Skips the test where the program is not installed, or not in the version of the records. */
    void need() {
        if (this == QEMU) {
            Require.tool(QEMU_PROGRAM, "qemu-system-common");
            Require.that(
                    version().contains("version " + RECORDED + "."),
                    "needs " + QEMU_PROGRAM + " " + RECORDED + ", whose words are recorded");
        }
    }

    private static String version() {
        return Client.run(Path.of("/"), QEMU_PROGRAM, "--version").ok();
    }

    /** The name that its messages begin with. */
    String program() {
        return this == QEMU ? QEMU_PROGRAM : "diskport";
    }

    /** Starts it in a folder; its standard error goes to a file there. */
    Process start(Path folder, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(this == QEMU ? QEMU_PROGRAM : Distribution.program().toString());
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectError(errors(folder).toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("DISKPORT_"));
        builder.environment().put("XDG_CACHE_HOME", Distribution.cache().toString());
        builder.environment().put("JAVA_HOME", Distribution.javaHome().toString());
        return builder.start();
    }

    /** What it has written to standard error. */
    static String said(Path folder) throws IOException {
        return Files.readString(errors(folder));
    }

    private static Path errors(Path folder) {
        return folder.resolve("standard-error");
    }
}
