package io.diskport.vhost.blk.testing;

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

    /** How many maps there are of memory that guests shared, or that requests are tracked in. */
    public static long mappings() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains("memfd:")).count();
        }
    }

    /**
     * How many sockets, events and memory files are open; others the JVM opens whenever it likes.
     */
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
        open.removeIf(
                file -> !file.matches("socket:.*|anon_inode:.event(fd|poll).|pipe:.*|/memfd:.*"));
        return open.size();
    }
}
