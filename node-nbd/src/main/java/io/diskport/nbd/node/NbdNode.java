package io.diskport.nbd.node;

import io.diskport.api.BlockException.Reason;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.Extent;
import io.diskport.api.node.NodeContext;
import io.diskport.api.node.RequestFlags;
import io.diskport.nbd.protocol.Nbd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A node on the export of an NBD server: what the server lacks is done with what it has. */
final class NbdNode implements BlockNode, Connections.Listener {
    private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(1 << 18).asReadOnlyBuffer();

    private static final long GOODBYE_SECONDS = 1;

    private final NodeContext context;
    private final Peer peer;
    private final RemoteExport export;
    private final boolean writable;
    private final ScheduledExecutorService timer;
    private final Connections connections;
    private final Commands commands;
    private final BlockLimits limits;
    private volatile long length;

    NbdNode(
            NodeContext context,
            Peer peer,
            NbdNodeOptions options,
            Connector connector,
            Connection first,
            boolean writable,
            ScheduledExecutorService timer) {
        this.context = context;
        this.peer = peer;
        this.export = first.export();
        this.writable = writable;
        this.timer = timer;
        this.limits = export.limits();
        this.length = export.size();
        int count = export.offers(Nbd.FLAG_CAN_MULTI_CONN) ? options.connections() : 1;
        this.connections =
                new Connections(
                        peer, connector, count, options.reconnectDelay(), context.log(), this);
        this.commands = new Commands(peer.address(), connections, export.maximumBlock());
    }

    /** Begins with the connection that is there. */
    void start(Connection first) {
        connections.start(first);
    }

    @Override
    public void reconnected(RemoteExport now) throws Refusal {
        long grown;
        synchronized (this) {
            Optional<String> objection = export.objection(now, length, writable);
            if (objection.isPresent()) {
                throw new Refusal(
                        Reason.FAILED,
                        "Export '"
                                + peer.address()
                                + "' is another after a reconnection: "
                                + objection.get());
            }
            grown = now.size() > length ? now.size() : 0;
            length = Math.max(length, now.size());
        }
        if (grown > 0) {
            context.lengthChanged(grown);
        }
    }

    @Override
    public void ended(IOException reason) {
        context.ended(reason);
    }

    @Override
    public boolean readOnly() {
        return !writable;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public BlockLimits limits() {
        return limits;
    }

    @Override
    public void read(long offset, ByteBuffer destination) throws BlockIOException {
        commands.transfer(Nbd.CMD_READ, 0, offset, destination);
    }

    @Override
    public void read(long offset, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        commands.transfer(Nbd.CMD_READ, 0, offset, destinations, first, count);
    }

    @Override
    public void write(long offset, int flags, ByteBuffer source) throws BlockIOException {
        commands.transfer(Nbd.CMD_WRITE, fua(flags), offset, source);
        flushInPlaceOfFua(flags);
    }

    @Override
    public void write(long offset, int flags, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        commands.transfer(Nbd.CMD_WRITE, fua(flags), offset, sources, first, count);
        flushInPlaceOfFua(flags);
    }

    private int fua(int flags) {
        boolean wanted = (flags & RequestFlags.FUA) != 0;
        return wanted && export.offers(Nbd.FLAG_SEND_FUA) ? Nbd.CMD_FLAG_FUA : 0;
    }

    private void flushInPlaceOfFua(int flags) throws BlockIOException {
        if ((flags & RequestFlags.FUA) != 0 && !export.offers(Nbd.FLAG_SEND_FUA)) {
            flush();
        }
    }

    @Override
    public void flush() throws BlockIOException {
        // a server that knows no flush has nothing to flush
        if (export.offers(Nbd.FLAG_SEND_FLUSH)) {
            commands.perform(Nbd.CMD_FLUSH, 0, 0, 0);
        }
    }

    @Override
    public void discard(long offset, long count, int flags) throws BlockIOException {
        if (export.offers(Nbd.FLAG_SEND_TRIM)) {
            commands.performInParts(Nbd.CMD_TRIM, 0, offset, count, Commands.LONGEST);
        }
    }

    @Override
    public void writeZeroes(long offset, long count, int flags) throws BlockIOException {
        boolean fast = (flags & RequestFlags.NO_FALLBACK) != 0;
        boolean offered = export.offers(Nbd.FLAG_SEND_WRITE_ZEROES);
        if (fast && !(offered && export.offers(Nbd.FLAG_SEND_FAST_ZERO))) {
            throw new BlockIOException(
                    Errno.EOPNOTSUPP,
                    "The server of '" + peer.address() + "' does not offer to zero fast");
        }
        if (offered) {
            int noHole = (flags & RequestFlags.NO_UNMAP) != 0 ? Nbd.CMD_FLAG_NO_HOLE : 0;
            int fastZero = fast ? Nbd.CMD_FLAG_FAST_ZERO : 0;
            int all = noHole | fastZero | fua(flags);
            commands.performInParts(Nbd.CMD_WRITE_ZEROES, all, offset, count, Commands.LONGEST);
        } else {
            writeData(offset, count, fua(flags));
        }
        flushInPlaceOfFua(flags);
    }

    private void writeData(long offset, long count, int flags) throws BlockIOException {
        ByteBuffer zeroes = ZEROES.duplicate();
        int step = Math.min(zeroes.capacity(), limits.maximumLength());
        long done = 0;
        while (done < count) {
            int n = (int) Math.min(step, count - done);
            commands.transfer(Nbd.CMD_WRITE, flags, offset + done, zeroes.clear().limit(n));
            done += n;
        }
    }

    @Override
    public Extent status(long offset, long count) throws BlockIOException {
        if (export.allocationContext().isEmpty()) {
            return Extent.data(count);
        }
        // a server may refuse to look at a part of a block
        long whole = alignedEnd(offset + Math.min(count, Commands.LONGEST)) - offset;
        Extent extent = commands.status(offset, whole);
        return extent.length() > count ? extent.withLength(count) : extent;
    }

    @Override
    public void prefetch(long offset, long count) throws BlockIOException {
        if (export.offers(Nbd.FLAG_SEND_CACHE)) {
            long start = offset & -limits.requestAlignment();
            long end = alignedEnd(offset + count);
            commands.performInParts(Nbd.CMD_CACHE, 0, start, end - start, limits.maximumLength());
        }
    }

    private long alignedEnd(long end) {
        long alignment = limits.requestAlignment();
        return Math.min((end + alignment - 1) & -alignment, Math.max(end, length));
    }

    @Override
    public void truncate(long newLength) throws BlockIOException {
        if (newLength == length) {
            return;
        }
        if (!export.offers(Nbd.FLAG_SEND_RESIZE)) {
            throw new BlockIOException(
                    Errno.EOPNOTSUPP,
                    "The server of '" + peer.address() + "' does not offer to resize it");
        }
        commands.perform(Nbd.CMD_RESIZE, 0, newLength, 0);
        synchronized (this) {
            length = newLength;
        }
    }

    @Override
    public Map<String, String> info() {
        Map<String, String> info = new LinkedHashMap<>();
        info.put("server", peer.address().toString());
        info.put("connection", connections.state());
        String session = connections.tlsSession();
        if (!session.isEmpty()) {
            info.put("tls", session);
        }
        info.put("export", peer.address().exportName());
        info.put("protocol", export.dialect().toString());
        info.put("offers", export.flagNames());
        info.put(
                "requests", limits.requestAlignment() + " to " + limits.maximumLength() + " bytes");
        info.put("reconnects", Integer.toString(connections.reconnects()));
        return info;
    }

    @Override
    public void close() {
        Future<?> abort = timer.schedule(connections::abort, GOODBYE_SECONDS, TimeUnit.SECONDS);
        connections.close();
        abort.cancel(false);
        timer.shutdownNow();
    }
}
