package io.diskport.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A small virtual machine of Debian packages that runs one of the scripts in src/test/guest. */
final class Guest {
    /** How long it may take from the start until the script begins, where QEMU translates. */
    static final Duration BOOT = Duration.ofSeconds(60);

    private static final Path SCRIPTS = Path.of("src/test/guest").toAbsolutePath();
    private static final Path BUILT = Distribution.work().resolveSibling("guest");
    private static final Duration BUILD = Duration.ofMinutes(5);

    private final Client client;
    private final Duration within;

    private Guest(Client client, Duration within) {
        this.client = client;
        this.within = within;
    }

    /**
     * What it needs of this host; the first time it is built, of packages from Debian's archive.
     */
    static void need() throws IOException {
        Require.that(System.getProperty("os.arch").equals("amd64"), "needs an x86-64 host");
        Require.tool("qemu-system-x86_64", "qemu-system-x86");
        Require.tool("cpio", "cpio");
        Require.tool("nbd-client", "nbd-client");
        Require.tool("fio", "fio");
        Require.tool("mkfs.ext4", "e2fsprogs");
        Require.tool("apt-get", "apt");
        if (!isBuilt()) {
            Files.createDirectories(BUILT);
            Client.Result built =
                    Client.run(BUILT, BUILD, SCRIPTS.resolve("build-guest.sh"), BUILT);
            Require.that(built.status() == 0, "needs packages for a guest: " + built.output());
        }
    }

    /** The image is made last. */
    private static boolean isBuilt() throws IOException {
        Path last = BUILT.resolve("tools.img");
        return Files.exists(last)
                && Files.getLastModifiedTime(last)
                                .compareTo(
                                        Files.getLastModifiedTime(
                                                SCRIPTS.resolve("build-guest.sh")))
                        > 0;
    }

    /** A machine to be started. */
    static final class Machine {
        private final Bench bench;
        private final String script;
        private final Map<String, Object> words = new LinkedHashMap<>();
        private final List<Object> arguments = new ArrayList<>();
        private Duration within = Duration.ofMinutes(4);
        private int memory = 512;
        private int processors = 1;

        Machine(Bench bench, String script) {
            this.bench = bench;
            this.script = script;
        }

        /** A variable of the script. */
        Machine word(String name, Object value) {
            words.put(name, value);
            return this;
        }

        /** How long it may run. */
        Machine within(Duration time) {
            within = time;
            return this;
        }

        Machine memory(int mebibytes) {
            memory = mebibytes;
            return this;
        }

        /**
         * A vhost-user-blk disk, which connects anew when it has lost its socket: vdb in the guest,
         * the next one vdc. There are as many processors as there are queues.
         */
        Machine disk(Path socket, int queues) {
            String id = "disk" + arguments.size();
            processors = Math.max(processors, queues);
            arguments.addAll(
                    List.of(
                            "-chardev",
                            "socket,id=%s,path=%s,reconnect=1".formatted(id, socket),
                            "-device",
                            "vhost-user-blk-pci,chardev=%s,num-queues=%d".formatted(id, queues)));
            return this;
        }

        private static String script(String name) throws IOException {
            return Files.readString(SCRIPTS.resolve(name));
        }

        Guest start() {
            try {
                Path command = Files.createTempFile(bench.folder(), "command", ".sh");
                String variables =
                        words.entrySet().stream()
                                .map(word -> "%s='%s'%n".formatted(word.getKey(), word.getValue()))
                                .collect(Collectors.joining());
                Files.writeString(command, variables + script("common.sh") + script(script));
                List<Object> line =
                        new ArrayList<>(
                                List.of(
                                        "/usr/bin/env",
                                        "TMPDIR=" + bench.folder(),
                                        "GUEST_MEMORY=" + memory,
                                        "GUEST_PROCESSORS=" + processors,
                                        SCRIPTS.resolve("run-guest.sh"),
                                        BUILT,
                                        command,
                                        within.toSeconds()));
                line.addAll(arguments);
                return new Guest(bench.client(line.toArray()), within);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    boolean runs() {
        return client.runs();
    }

    /** What the script, and QEMU, have said so far. */
    String output() {
        return client.output();
    }

    /** Gives the script a line to read, once it has said something. */
    void say(String line) {
        client.say(line);
    }

    /** Waits until the script has said something so many times. */
    void await(String text, int times, Duration deadline) {
        Await.until(
                () -> "the guest says '%s' %d times; it said: %s".formatted(text, times, output()),
                deadline,
                () -> {
                    String said = output();
                    if (count(said, text) >= times) {
                        return true;
                    }
                    assertTrue(runs(), () -> "the guest has ended: " + output());
                    return false;
                });
    }

    void await(String text, Duration deadline) {
        await(text, 1, deadline);
    }

    /** Waits for its end, which is to be a good one, and answers with what it said. */
    String content() {
        String said = client.await(within.plusSeconds(10)).ok();
        assertTrue(said.contains("the guest is content"), said);
        return said;
    }

    /** The sockets that QEMU has, by their numbers: one that connects anew has another. */
    Set<String> sockets() {
        Set<String> sockets = new TreeSet<>();
        for (ProcessHandle process : client.descendants()) {
            if (process.info().command().orElse("").contains("qemu-system")) {
                sockets.addAll(sockets(process.pid()));
            }
        }
        assertTrue(!sockets.isEmpty(), () -> "QEMU has no socket: " + output());
        return sockets;
    }

    private static Set<String> sockets(long pid) {
        Set<String> sockets = new TreeSet<>();
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path descriptor : open.toList()) {
                String target = Files.readSymbolicLink(descriptor).toString();
                if (target.startsWith("socket:")) {
                    sockets.add(target);
                }
            }
            return sockets;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int count(String text, String wanted) {
        return (text.length() - text.replace(wanted, "").length()) / wanted.length();
    }
}
