package io.diskport.nbd.testing;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** What the process holds of the things that a server takes. */
public final class Resources {
    private Resources() {}

    /** The threads whose names begin with something. */
    public static List<String> threads(String prefix) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(Objects::nonNull)
                .map(ThreadInfo::getThreadName)
                .filter(name -> name.startsWith(prefix))
                .sorted()
                .toList();
    }

    /** How many sockets and selectors are open; others the JVM opens whenever it likes. */
    public static int descriptors() throws IOException {
        List<String> open = new ArrayList<>();
        try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
            for (Path link : links.toList()) {
                try {
                    open.add(Files.readSymbolicLink(link).toString());
                } catch (NoSuchFileException e) {
                    continue; // closed meanwhile
                }
            }
        }
        open.removeIf(file -> !file.matches("socket:.*|anon_inode:.event(fd|poll).|pipe:.*"));
        return open.size();
    }
}
