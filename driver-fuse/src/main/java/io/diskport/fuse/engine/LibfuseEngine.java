package io.diskport.fuse.engine;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.fuse.file.FuseFile;
import io.diskport.fuse.mount.FuseMount;
import io.diskport.fuse.mount.WakeablePoll;
import io.diskport.natives.Libc;
import io.diskport.natives.LibcConstants;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * jnr-fuse on libfuse 2's high-level interface, served by threads of our own.
 *
 * <p>libfuse's own loops are not used: they attach each of their threads to the JVM for each
 * request, cancel threads at the end, and leave no way to end a mount whose requests hang.
 */
public final class LibfuseEngine implements FuseEngine {
    /** The most data of one request that libfuse 2 has room for, in bytes. */
    public static final int MAX_DATA = 128 * 1024;

    private static final long INIT_MILLIS = 10_000;
    private static final long ABORTED_MILLIS = 300;
    private static final String OPTIONS =
            "big_writes,atomic_o_trunc,max_write="
                    + MAX_DATA
                    + ","
                    + "attr_timeout=0,ac_attr_timeout=0,entry_timeout=0";

    private final LibfuseLibrary library;
    private final LibfuseOperations operations;
    private final EndListener listener;
    private final long fileSystem;
    private final long channel;
    private final long session;
    private final ConnectionCut connection;
    private final RequestWorkers workers;
    private final AtomicBoolean stopped = new AtomicBoolean();

    /**
     * An engine that does not serve yet.
     *
     * @param id the export's, for the names of the threads
     * @param mount its descriptor belongs to the engine from now on
     * @throws BlockException if it cannot be made; the descriptor is closed then
     */
    public LibfuseEngine(
            String id, FuseMount mount, FuseFile file, System.Logger log, EndListener listener)
            throws BlockException {
        this.listener = listener;
        int descriptor = mount.descriptor();
        LibfuseLibrary loaded = null;
        ConnectionCut newConnection = null;
        WakeablePoll newWait = null;
        long newChannel = 0;
        long newFileSystem = 0;
        try {
            newConnection = new ConnectionCut(mount.device(), log, descriptor);
            newWait = new WakeablePoll(descriptor, LibcConstants.POLLIN);
            loaded = LibfuseLibrary.load();
            operations = new LibfuseOperations(file);
            newChannel = loaded.newChannel(descriptor);
            if (newChannel != 0) {
                newFileSystem = loaded.newFileSystem(newChannel, OPTIONS, operations);
            }
            if (newFileSystem == 0) {
                throw new BlockException(Reason.FAILED, "libfuse refuses its options: " + OPTIONS);
            }
        } catch (LinkageError e) {
            throw new BlockException(
                    Reason.UNAVAILABLE, "libfuse 2 cannot be used: " + e.getMessage(), e);
        } finally {
            if (newFileSystem == 0) {
                release(newConnection, newWait);
                Libc.close(descriptor);
            }
        }
        this.library = loaded;
        this.connection = newConnection;
        this.channel = newChannel;
        this.fileSystem = newFileSystem;
        this.session = library.session(fileSystem);
        this.workers =
                new RequestWorkers(
                        "diskport-fuse-" + id,
                        descriptor,
                        library.bufferSize(channel),
                        newWait,
                        (buffer, length) -> library.process(session, buffer, length, channel),
                        this::free,
                        log);
    }

    @Override
    public Map<String, String> details() {
        return Map.of("engine", "libfuse");
    }

    @Override
    public void start() throws BlockException {
        workers.start();
        boolean serving = false;
        try {
            serving = operations.awaitInitialized(INIT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!serving) {
            stop(0);
            throw new BlockException(
                    Reason.FAILED, "the kernel did not begin to use the mount within 10 s");
        }
    }

    @Override
    public int stop(long graceMillis) {
        if (!stopped.compareAndSet(false, true)) {
            return 0;
        }
        workers.stop();
        boolean ended = false;
        try {
            ended = workers.awaitEnd(graceMillis);
            if (!ended) {
                connection.cut();
                ended = workers.awaitEnd(ABORTED_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            connection.cut();
        }
        return ended ? 0 : workers.alive();
    }

    private static void release(ConnectionCut connection, WakeablePoll wait) {
        if (connection != null) {
            connection.close();
        }
        if (wait != null) {
            wait.close();
        }
    }

    private void free() {
        connection.close();
        library.destroyFileSystem(fileSystem);
        if (stopped.compareAndSet(false, true)) {
            listener.ended();
        }
    }
}
