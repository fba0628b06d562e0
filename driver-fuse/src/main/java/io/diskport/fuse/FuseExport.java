package io.diskport.fuse;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.Handover;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.ExportContext;
import io.diskport.api.export.ExportInfo;
import io.diskport.api.export.ShutdownMode;
import io.diskport.fuse.engine.FuseEngine;
import io.diskport.fuse.file.FuseFile;
import io.diskport.fuse.mount.FuseMount;
import io.diskport.fuse.mount.MountWatch;
import io.diskport.fuse.mount.Mountpoint;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** One mounted export: a mount, the engine that serves it, and the file that it shows. */
final class FuseExport implements BlockExport, FuseEngine.EndListener {
    // Together with what the engine needs to cut a connection, less than the 2 s of a daemon's end.
    private static final long DETACH_MILLIS = 900;
    private static final long GRACE_MILLIS = 700;
    private static final long SUSPEND_MILLIS = 4500;

    private final ExportContext context;
    private final FuseOptions options;
    private final Mountpoint mountpoint;
    private final MountWatch watch;
    private final FuseMount mount;
    private final FuseFile file;
    private final AtomicBoolean detaching = new AtomicBoolean();
    private final CountDownLatch detached = new CountDownLatch(1);
    private final Runnable mountsChanged = this::mountsChanged;
    private volatile boolean ending;
    private FuseEngine engine;

    /** Open files that a shutdown has closed. */
    private int cutOff;

    /**
     * An export that is not served yet.
     *
     * @param mountpoint belongs to the export from now on, as does {@code mount}
     */
    FuseExport(
            ExportContext context,
            FuseOptions options,
            Mountpoint mountpoint,
            MountWatch watch,
            FuseMount mount,
            FuseFile file) {
        this.context = context;
        this.options = options;
        this.mountpoint = mountpoint;
        this.watch = watch;
        this.mount = mount;
        this.file = file;
    }

    /** Makes the engine of an export. */
    interface EngineMaker {
        FuseEngine make(FuseEngine.EndListener listener) throws BlockException;
    }

    /**
     * Begins to serve.
     *
     * @throws BlockException if it cannot; nothing of the mount is left then
     */
    void serve(EngineMaker maker) throws BlockException {
        boolean serving = false;
        try {
            engine = maker.make(this);
            engine.start();
            watch.add(mountsChanged);
            serving = true;
        } finally {
            if (!serving) {
                ending = true;
                if (engine != null) {
                    engine.stop(0);
                }
                detach();
                file.releaseAll();
                mountpoint.close();
            }
        }
        // It may have gone before anybody watched.
        mountsChanged();
        context.log().log(
                Level.DEBUG,
                "Exports node ''{0}'' on ''{1}'' through FUSE ({2}{3})",
                context.backend().nodeName(),
                mountpoint.given(),
                context.backend().writable() ? "writable" : "read-only",
                mount.allowOther() ? ", for all users" : "");
    }

    @Override
    public void requestShutdown(ShutdownMode mode) {
        file.closeToNew();
        if (mode != ShutdownMode.SOFT) {
            ending = true;
            startToDetach();
        }
        if (mode == ShutdownMode.HARD) {
            cutOff += file.releaseAll();
        }
    }

    @Override
    public void delete() {
        ending = true;
        watch.remove(mountsChanged);
        file.closeToNew();
        startToDetach();
        try {
            if (!detached.await(DETACH_MILLIS, TimeUnit.MILLISECONDS)) {
                context.log().log(Level.WARNING, "''{0}'' is slow to unmount", mountpoint.given());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        int clients = cutOff + file.openHandles();
        int lost = engine.stop(GRACE_MILLIS);
        if (lost > 0) {
            context.log().log(
                    Level.WARNING,
                    "{0} requests hang in node ''{1}'' and are left behind; their clients"
                            + " got an error",
                    lost,
                    context.backend().nodeName());
        }
        file.releaseAll();
        mountpoint.close();
        context.log().log(
                clients > 0 ? Level.WARNING : Level.DEBUG,
                "Ended the export on ''{0}''{1}",
                mountpoint.given(),
                clients > 0 ? "; open files that were cut off: " + clients : "");
    }

    /** Leaves the mount, its open files and their requests to the driver's next version. */
    @Override
    public Optional<Handover> suspend() {
        if (ending || !mount.isKnown()) {
            return Optional.empty();
        }
        mount.prepareToDetach();
        Optional<Map<String, Object>> connection = engine.suspend(SUSPEND_MILLIS);
        if (connection.isEmpty()) {
            return Optional.empty();
        }
        ending = true;
        watch.remove(mountsChanged);
        mountpoint.close();
        return Optional.of(FuseHandover.of(mount, file, connection.get(), context.log()));
    }

    @Override
    public void resized(long length) {
        // The kernel is told to keep no attributes, so the next look shows the new length.
        file.resized();
    }

    @Override
    public ExportInfo info() {
        Map<String, String> details = new LinkedHashMap<>(engine.details());
        details.put("allow-other", mount.allowOther() ? "on" : "off");
        details.put("growable", options.growable() ? "on" : "off");
        return new ExportInfo(mountpoint.given().toString(), details, engine.requests());
    }

    /** Clients that had the file open keep the connection alive, so it does not tell. */
    private void mountsChanged() {
        if (!ending && mount.isGone()) {
            endedFromOutside();
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>The kernel may not have said that the last files were closed: a release that is still
     * queued is dropped with the connection.
     */
    @Override
    public void ended() {
        file.releaseAll();
        if (!ending) {
            endedFromOutside();
        }
    }

    private void endedFromOutside() {
        ending = true;
        context.ended(
                new BlockException(
                        Reason.FAILED, "'" + mountpoint.given() + "' was unmounted from outside"));
    }

    /** The node wants its file back, which the kernel cannot be kept from using otherwise. */
    void fileRevoked() {
        if (!ending) {
            context.ended(
                    new BlockException(
                            Reason.FAILED,
                            "passthrough=on: node '"
                                    + context.backend().nodeName()
                                    + "' needs its file for itself"));
        }
    }

    /** Unmounting may wait for the kernel, so it has a thread. */
    private void startToDetach() {
        if (detaching.compareAndSet(false, true)) {
            Thread thread = new Thread(this::detach, "diskport-fuse-" + context.id() + "-unmount");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void detach() {
        try {
            mount.detach();
        } catch (IOException e) {
            context.log().log(
                    Level.ERROR,
                    "''{0}'' cannot be unmounted: {1}",
                    mountpoint.given(),
                    e.getMessage());
        } finally {
            detached.countDown();
        }
    }
}
