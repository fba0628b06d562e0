package io.diskport.fuse.testing;

import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import java.util.ArrayDeque;
import java.util.Deque;

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

    public int count() {
        return taken.size();
    }

    @Override
    public void close() {
        taken.forEach(Libc::close);
        taken.clear();
    }
}
