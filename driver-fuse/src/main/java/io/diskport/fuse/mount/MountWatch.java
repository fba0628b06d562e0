package io.diskport.fuse.mount;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import io.diskport.natives.NativeDescriptor;
import io.diskport.natives.NativeError;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Tells when something was mounted or unmounted somewhere on this host (proc_pid_mounts(5)). Any
 * thread. It has a thread of its own while somebody listens.
 */
public final class MountWatch {
    // POLLPRI and POLLERR
    private static final int CHANGED = 2 | LibcConstants.POLLERR;

    private static final System.Logger LOG = System.getLogger(MountWatch.class.getName());

    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private Watching watching;

    /**
     * Listens from now on.
     *
     * @param listener called by a thread of its own; does not block
     */
    public synchronized void add(Runnable listener) throws BlockException {
        if (watching == null) {
            watching = new Watching();
        }
        listeners.add(listener);
    }

    /** Listens no more; a call may still be under way. Idempotent. */
    public synchronized void remove(Runnable listener) {
        listeners.remove(listener);
        if (listeners.isEmpty() && watching != null) {
            watching.stop();
            watching = null;
        }
    }

    private static void tell(Runnable listener) {
        try {
            listener.run();
        } catch (RuntimeException | LinkageError e) {
            LOG.log(System.Logger.Level.ERROR, "News of the mounts was not taken", e);
        }
    }

    private final class Watching implements Runnable {
        private final NativeDescriptor table;
        private final WakeablePoll poll;
        private volatile boolean stopping;

        Watching() throws BlockException {
            int opened = Libc.open("/proc/self/mountinfo", LibcConstants.O_CLOEXEC, 0);
            if (opened < 0) {
                throw new BlockException(
                        Reason.FAILED,
                        "the mount table cannot be watched: " + NativeError.message(opened));
            }
            table = new NativeDescriptor(opened);
            WakeablePoll made = null;
            try {
                made = new WakeablePoll(opened, CHANGED);
            } finally {
                if (made == null) {
                    table.close();
                }
            }
            poll = made;
            Thread thread = new Thread(this, "diskport-fuse-mounts");
            thread.setDaemon(true);
            thread.start();
        }

        void stop() {
            stopping = true;
            poll.wake();
        }

        @Override
        public void run() {
            try (table;
                    poll) {
                while (!stopping) {
                    if (poll.await()) {
                        listeners.forEach(MountWatch::tell);
                    }
                }
            }
        }
    }
}
