package io.diskport.fuse.kernel;

import io.diskport.api.BlockException;
import io.diskport.api.export.RequestStats;
import io.diskport.fuse.engine.FuseEngine;
import io.diskport.fuse.file.FuseFile;
import io.diskport.fuse.mount.FuseMount;
import io.diskport.fuse.mount.Readahead;
import io.diskport.natives.Libc;
import io.diskport.natives.NativeDescriptor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Serves the kernel's FUSE protocol by itself: needs no library, takes requests of up to a
 * megabyte, and allocates nothing for one.
 */
public final class KernelEngine implements FuseEngine {
    private static final long CUT_MILLIS = 300;
    private static final long STEP_MILLIS = 50;
    private static final long STALL_MILLIS = 2000;

    private final FuseFile file;
    private final System.Logger log;
    private final EndListener listener;
    private final Connection connection;
    private final Handshake handshake;
    private final Optional<Passthrough> passthrough;
    private final int backing;
    private final int wanted;
    private final OperationStats stats = new OperationStats();
    private final Workers workers;
    private final AtomicBoolean stopped = new AtomicBoolean();

    /**
     * What an engine is made of.
     *
     * @param id the export's, for the names of the threads
     * @param passthrough the file that the kernel reads and writes; the engine's from now on
     * @param workers how many threads receive
     */
    public record Parts(
            String id,
            FuseMount mount,
            FuseFile file,
            Optional<Passthrough> passthrough,
            int workers,
            System.Logger log,
            EndListener listener) {}

    private KernelEngine(Parts parts, Connection connection, Handshake handshake, int backing) {
        this.file = parts.file();
        this.log = parts.log();
        this.listener = parts.listener();
        this.passthrough = parts.passthrough();
        this.connection = connection;
        this.handshake = handshake;
        this.backing = backing;
        this.wanted = parts.workers();
        this.workers =
                new Workers(
                        "diskport-fuse-" + parts.id(),
                        wanted,
                        this::worker,
                        connection,
                        this::free,
                        log);
    }

    /** The most data of one request that the kernel allows, in bytes: the mount has to know. */
    public static int maxData() {
        return Handshake.mostData();
    }

    /**
     * An engine for a new mount, which does not serve yet.
     *
     * @param fuseDevice usually /dev/fuse
     * @throws BlockException if it cannot be made; the mount's descriptor is closed then
     */
    public static KernelEngine of(Parts parts, Path fuseDevice) throws BlockException {
        int descriptor = parts.mount().descriptor();
        Handshake handshake = null;
        try {
            boolean through = parts.passthrough().isPresent();
            handshake = Handshake.with(descriptor, parts.mount().maxRead(), through);
            if (through && !handshake.passthrough()) {
                handshake = null;
                throw Passthrough.notOffered();
            }
        } finally {
            if (handshake == null) {
                parts.passthrough().ifPresent(Passthrough::close);
                Libc.close(descriptor);
            }
        }
        Readahead.set(parts.mount().device());
        Connection connection = null;
        KernelEngine made = null;
        try {
            connection =
                    Connection.open(
                            descriptor,
                            parts.workers(),
                            parts.mount().device(),
                            fuseDevice,
                            parts.log());
            int backing = 0;
            if (parts.passthrough().isPresent()) {
                backing = parts.passthrough().get().register(connection.descriptor(0));
            }
            made = new KernelEngine(parts, connection, handshake, backing);
            return made;
        } finally {
            if (made == null) {
                parts.passthrough().ifPresent(Passthrough::close);
                if (connection != null) {
                    connection.close();
                }
            }
        }
    }

    /**
     * An engine for what the driver's version before this one has left, see {@link #suspend}.
     *
     * @throws BlockException if it cannot be made; the descriptors are closed then
     */
    public static KernelEngine takeOver(Parts parts, Map<?, ?> left) throws BlockException {
        Handshake handshake =
                new Handshake(
                        (Integer) left.get("minor"),
                        (Integer) left.get("max-data"),
                        parts.passthrough().isPresent());
        int backing = (Integer) left.get("backing");
        List<NativeDescriptor> descriptors =
                ((List<?>) left.get("descriptors"))
                        .stream().map(NativeDescriptor.class::cast).toList();
        Connection connection = null;
        try {
            connection = Connection.takeOver(descriptors, parts.mount().device(), parts.log());
        } finally {
            if (connection == null) {
                parts.passthrough().ifPresent(Passthrough::close);
            }
        }
        return new KernelEngine(parts, connection, handshake, backing);
    }

    private Worker worker(int index, MayWait mayWait) {
        RequestBuffer request = new RequestBuffer(handshake.maxData());
        Operations operations = new Operations(request, file, mayWait, backing);
        return new Worker(connection.descriptor(index), request, operations, stats, log);
    }

    @Override
    public void start() {
        workers.start();
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
                ended = workers.awaitEnd(CUT_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            connection.cut();
        }
        return ended ? 0 : workers.alive();
    }

    @Override
    public Optional<Map<String, Object>> suspend(long graceMillis) {
        workers.pause();
        boolean paused = false;
        try {
            paused = awaitProgress(graceMillis) && !workers.isDisconnected();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!paused && !workers.isDisconnected()) {
            log.log(
                    System.Logger.Level.WARNING,
                    "Nothing is handed over: {0} requests do not come back from the node in time",
                    workers.alive());
        }
        if (!paused || !stopped.compareAndSet(false, true)) {
            if (!stopped.get()) {
                workers.start();
            }
            return Optional.empty();
        }
        passthrough.ifPresent(Passthrough::close);
        return Optional.of(
                Map.of(
                        "descriptors", connection.release(),
                        "minor", handshake.minor(),
                        "max-data", handshake.maxData(),
                        "backing", backing));
    }

    /** Waits for the requests under way, as long as some of them come back now and then. */
    private boolean awaitProgress(long most) throws InterruptedException {
        long begun = System.nanoTime();
        long progress = begun;
        int left = workers.alive();
        while (!workers.awaitEnd(STEP_MILLIS)) {
            long now = System.nanoTime();
            if (workers.alive() < left) {
                left = workers.alive();
                progress = now;
            }
            if (now - progress > TimeUnit.MILLISECONDS.toNanos(STALL_MILLIS)
                    || now - begun > TimeUnit.MILLISECONDS.toNanos(most)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public Map<String, String> details() {
        Map<String, String> details = new LinkedHashMap<>();
        details.put("engine", "kernel");
        details.put("workers", String.valueOf(wanted));
        details.put("max-request", String.valueOf(handshake.maxData()));
        details.put("passthrough", backing == 0 ? "off" : "on");
        connection.waiting().ifPresent(number -> details.put("waiting in kernel", number));
        return details;
    }

    @Override
    public List<RequestStats> requests() {
        return stats.snapshot();
    }

    private void free() {
        passthrough.ifPresent(Passthrough::close);
        connection.close();
        if (stopped.compareAndSet(false, true)) {
            listener.ended();
        }
    }
}
