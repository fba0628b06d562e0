package io.diskport.nbd.node;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.node.NodeContext;
import io.diskport.api.object.TlsCredentials;
import io.diskport.nbd.protocol.NbdUri;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Component;

/** Makes nodes on exports of NBD servers. */
@ProvidesDriver(kind = "node", type = "nbd")
@Component(service = BlockNodeDriver.class, property = BlockNodeDriver.DRIVER_PROPERTY + "=nbd")
public final class NbdNodeDriver implements BlockNodeDriver<NbdNodeOptions> {
    private static final int IDLE_SECONDS = 5;

    @Override
    public Class<NbdNodeOptions> optionsType() {
        return NbdNodeOptions.class;
    }

    @Override
    public BlockNode open(NodeContext context, NbdNodeOptions options) throws BlockException {
        Peer peer = peer(context, options);
        ScheduledThreadPoolExecutor timer = timer(peer.address());
        Connector connector = new Connector(peer, timer);
        Connection first = null;
        boolean done = false;
        try {
            first = connect(connector, peer.address(), options.openTimeout());
            boolean writable = writable(context, peer.address(), first.export());
            NbdNode node = new NbdNode(context, peer, options, connector, first, writable, timer);
            node.start(first);
            done = true;
            return node;
        } finally {
            if (!done) {
                if (first != null) {
                    first.disconnect(new IOException("the node is not opened"));
                }
                timer.shutdownNow();
            }
        }
    }

    private static Peer peer(NodeContext context, NbdNodeOptions options) throws BlockException {
        NbdUri address = options.address();
        if (options.tlsCreds().isEmpty()) {
            return new Peer(address, Optional.empty(), "");
        }
        TlsCredentials credentials = context.object(options.tlsCreds().get());
        if (credentials.endpoint() != TlsCredentials.Endpoint.CLIENT) {
            throw new BlockException(
                    Reason.INVALID,
                    "Object '"
                            + options.tlsCreds().get()
                            + "' has TLS credentials of a server; a node needs those of a client"
                            + " (endpoint=client)");
        }
        return new Peer(
                address, Optional.of(credentials), options.tlsHostname().orElse(address.host()));
    }

    /** Its threads end by themselves while nothing is due. */
    private static ScheduledThreadPoolExecutor timer(NbdUri address) {
        ScheduledThreadPoolExecutor timer =
                new ScheduledThreadPoolExecutor(
                        1,
                        task -> {
                            Thread thread = new Thread(task, "nbd-timer " + address);
                            thread.setDaemon(true);
                            return thread;
                        });
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        return timer;
    }

    private static Connection connect(Connector connector, NbdUri address, Duration timeout)
            throws BlockException {
        long start = System.nanoTime();
        Backoff backoff = new Backoff();
        while (true) {
            try {
                return connector.connect();
            } catch (Refusal e) {
                throw failure(e.reason(), address, e);
            } catch (IOException e) {
                long wait = backoff.nextMillis();
                Duration after = Duration.ofNanos(System.nanoTime() - start).plusMillis(wait);
                if (after.compareTo(timeout) > 0) {
                    throw failure(Reason.FAILED, address, e);
                }
                sleep(wait, address, e);
            }
        }
    }

    private static void sleep(long millis, NbdUri address, IOException cause)
            throws BlockException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure(Reason.FAILED, address, cause);
        }
    }

    private static BlockException failure(Reason reason, NbdUri address, IOException cause) {
        // In QEMU's words, which tools compare.
        String what = reason == Reason.NOT_FOUND ? "Requested export not available: " : "";
        return new BlockException(
                reason,
                what + "Failed to connect to '" + address + "': " + NbdErrors.text(cause),
                cause);
    }

    private static boolean writable(NodeContext context, NbdUri address, RemoteExport export)
            throws BlockException {
        if (context.settings().readOnly()) {
            return false;
        }
        if (!export.readOnly()) {
            return true;
        }
        if (context.settings().autoReadOnly()) {
            return false;
        }
        throw new BlockException(
                Reason.DENIED,
                "Failed to open '"
                        + address
                        + "' for writing: the server exports it for reading only"
                        + " (read-only=on or auto-read-only=on opens it for reading)");
    }
}
