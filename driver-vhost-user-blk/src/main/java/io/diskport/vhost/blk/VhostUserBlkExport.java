package io.diskport.vhost.blk;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.Handover;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.ExportContext;
import io.diskport.api.export.ExportInfo;
import io.diskport.api.export.ShutdownMode;
import io.diskport.support.Closing;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** One node, offered to one front-end at a time. */
final class VhostUserBlkExport implements BlockExport {
    private static final long DELETE_MILLIS = 2500;
    private static final long SUSPEND_MILLIS = 4800;

    /** How long requests may take to come back: core waits a little longer for clients to leave. */
    private static final long SHUTDOWN_NANOS = TimeUnit.MILLISECONDS.toNanos(4500);

    private static final long DELETE_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);

    private final ExportContext context;
    private final VhostUserBlkOptions options;
    private final Control control;
    private final ListeningSocket listening;
    private final FrontEnds frontEnds;
    private final Thread thread;

    private VhostUserBlkExport(
            ExportContext context,
            VhostUserBlkOptions options,
            Control control,
            ListeningSocket listening) {
        this.context = context;
        this.options = options;
        this.control = control;
        this.listening = listening;
        Device device = new Device(context.backend(), options, context.id());
        this.frontEnds = new FrontEnds(context, device, control, listening);
        this.thread = new Thread(frontEnds, "vhost-" + context.id() + "-front-end");
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
    }

    /** An export that listens, or goes on where the driver's version before has stopped. */
    static BlockExport start(ExportContext context, VhostUserBlkOptions options)
            throws BlockException {
        Optional<LeftExport> left =
                context.handover().flatMap(found -> LeftExport.read(found, options, context.log()));
        ListeningSocket listening =
                left.isPresent() ? left.get().listening() : ListeningSocket.listen(options.addr());
        Control control = null;
        try {
            control = new Control();
            VhostUserBlkExport export =
                    new VhostUserBlkExport(context, options, control, listening);
            left.flatMap(LeftExport::frontEnd).ifPresent(export.frontEnds::goOn);
            export.thread.start();
            return export;
        } catch (IOException | OutOfMemoryError e) {
            left.flatMap(LeftExport::frontEnd).ifPresent(one -> Closing.all(one, context.log()));
            close(listening, context.log());
            if (control != null) {
                control.close();
            }
            throw new BlockException(
                    Reason.FAILED,
                    "Failed to serve '" + options.addr() + "': " + e.getMessage(),
                    e);
        }
    }

    static void close(ListeningSocket listening, System.Logger log) {
        try {
            listening.close();
        } catch (IOException e) {
            log.log(Level.WARNING, "The socket''s file stays: {0}", e.toString());
        }
    }

    @Override
    public void requestShutdown(ShutdownMode mode) {
        if (mode == ShutdownMode.HARD || mode == ShutdownMode.SAFE) {
            control.drop(SHUTDOWN_NANOS);
        } else {
            control.hide();
        }
    }

    @Override
    public void delete() {
        control.drop(DELETE_NANOS);
        if (!awaitEnd(DELETE_MILLIS)) {
            context.log().log(Level.WARNING, "The thread of front-ends hangs and is left behind");
            return;
        }
        control.close();
    }

    private boolean awaitEnd(long millis) {
        try {
            thread.join(millis);
            return !thread.isAlive();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !thread.isAlive();
        }
    }

    @Override
    public void resized(long length) {
        control.look();
    }

    /** Leaves the sockets, the memory and the rings to the driver's next version. */
    @Override
    public Optional<Handover> suspend() {
        if (!control.suspend()) {
            return Optional.empty();
        }
        Optional<Map<String, Object>> left = frontEnds.awaitLeft(SUSPEND_MILLIS);
        if (left.isEmpty() || !awaitEnd(DELETE_MILLIS)) {
            return Optional.empty();
        }
        control.close();
        return Optional.of(LeftExport.save(left.get(), options, listening));
    }

    @Override
    public ExportInfo info() {
        Map<String, String> details = new LinkedHashMap<>();
        Optional<FrontEnd> connected = frontEnds.connected();
        details.put("front-end", connected.map(FrontEnd::peer).orElse("none"));
        connected
                .filter(one -> !one.features().isEmpty())
                .ifPresent(one -> details.put("features", one.features()));
        details.put(
                "queues",
                connected.map(FrontEnd::running).orElse(0)
                        + " of "
                        + options.numQueues()
                        + " running");
        details.put("queue-size", Integer.toString(options.queueSize()));
        details.put("logical-block-size", Integer.toString(options.logicalBlockSize()));
        details.put("serial", options.serial().orElse(context.id()));
        return new ExportInfo(address(), details);
    }

    private String address() {
        return options.addr() instanceof VhostUserBlkAddress.Unix unix
                ? unix.path().toAbsolutePath().toString()
                : options.addr().toString();
    }
}
