package io.diskport.it;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Clients of libnbd and QEMU, and the addresses that they take. */
final class NbdTools {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    // nbdsh takes the first python3 that it finds, but its module is Debian's own's.
    private static final List<Object> NBDSH =
            List.of("env", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "nbdsh");

    private NbdTools() {}

    static void need() {
        Require.tool("nbdinfo", "libnbd-bin");
        Require.tool("nbdsh", "python3-libnbd");
        Require.tool("qemu-img", "qemu-utils");
    }

    static String uri(Path socket, String export) {
        return "nbd+unix:///" + export + "?socket=" + socket;
    }

    /** The address that the shell's table shows for an export. */
    static String uri(Shell shell, String export) {
        String[] words =
                shell.awaitRow("exports", export + " ", "running", Daemon.START).strip().split(" ");
        return words[words.length - 1];
    }

    /** A command that runs lines of Python, with a connection {@code h} to the export. */
    static Object[] nbdsh(String uri, String script) {
        return nbdshWith(script, "--base-allocation", "-u", uri);
    }

    /** The same without a connection: the script makes its own. */
    static Object[] nbdshWith(String script, String... options) {
        List<Object> command = new ArrayList<>(NBDSH);
        command.addAll(List.of(options));
        command.addAll(List.of("-c", script));
        return command.toArray();
    }

    /**
     * A command that runs one of our own clients.
     *
     * @param name of a file in src/test/resources/clients
     */
    static Object[] client(String name, Object... arguments) {
        List<Object> command = new ArrayList<>(List.of("/usr/bin/env", "PATH=/usr/bin:/bin"));
        command.addAll(List.of("python3", "-u"));
        command.add(Distribution.classes(NbdTools.class).resolve("clients").resolve(name));
        command.addAll(List.of(arguments));
        return command.toArray();
    }

    /** Copies from a file or an address to another, flushes it, and compares. */
    static void copy(Bench bench, Object from, Object to) {
        Client.run(bench.folder(), DEADLINE, "nbdcopy", "--flush", from, to).ok();
    }
}
