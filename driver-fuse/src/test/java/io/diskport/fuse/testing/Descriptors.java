package io.diskport.fuse.testing;

import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/** Takes the process' free descriptors away for a while. */
public final class Descriptors implements AutoCloseable {
    private static final int MOST = 100_000;

    private final Deque<Integer> taken = new ArrayDeque<>();

    private Descriptors() {}

    /** Leaves a few free. */
    public static Descriptors takeAllBut(int few) {
        Descriptors all = new Descriptors();
        int descriptor = Libc.open("/dev/null", LibcConstants.O_CLOEXEC, 0);
        while (descriptor >= 0 && all.taken.size() < MOST) {
            all.taken.push(descriptor);
            descriptor = Libc.open("/dev/null", LibcConstants.O_CLOEXEC, 0);
        }
        for (int i = 0; i < few && !all.taken.isEmpty(); i++) {
            Libc.close(all.taken.pop());
        }
        return all;
    }

    /**
     * What is open of the files that a mount needs. The JVM opens others whenever it likes, and
     * closes them.
     */
    public static List<String> ofMounts() throws IOException {
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
                file -> !file.matches("/dev/(fuse|null)|anon_inode:.eventfd.|/proc/.*/mountinfo"));
        open.sort(null);
        return open;
    }

    public int count() {
        return taken.size();
    }

    @Override
    public void close() {
        taken.forEach(Libc::close);
        taken.clear();
    }
}
