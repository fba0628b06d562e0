package io.diskport.api.sketch;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.BlockIOException;
import io.diskport.api.Handover;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.export.BlockBackend;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.export.Client;
import io.diskport.api.export.ExportContext;
import io.diskport.api.export.ExportInfo;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.node.Extent;
import io.diskport.api.node.RequestFlags;
import io.diskport.api.options.ByteSize;
import io.diskport.api.options.Choice;
import io.diskport.api.options.Option;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a vhost-user-blk driver would use the API: never run, it only has to compile. It shows what
 * such a driver needs and the FUSE driver does not: vectored requests straight from guest memory,
 * requests that complete out of order on other threads, resizing seen by the guest, and a hand-over
 * of socket, memory and rings.
 */
@ProvidesDriver(kind = "export", type = "vhost-user-blk")
final class VhostUserBlkSketch
        implements BlockExportDriver<VhostUserBlkSketch.VhostUserBlkOptions> {
    private static final String FORMAT = "vhost-user-blk";

    /** Where the front-end connects. */
    @Choice("type")
    sealed interface Address {
        /** A socket in the file system. */
        @Choice("unix")
        record Unix(@Option(description = "the path of the socket") Path path) implements Address {}

        /** A socket that was inherited. */
        @Choice("fd")
        record Descriptor(@Option(description = "the number of the descriptor") int str)
                implements Address {}
    }

    record VhostUserBlkOptions(
            @Option(description = "where the front-end connects") Address addr,
            @Option(description = "block size the guest sees", defaultValue = "512")
                    ByteSize logicalBlockSize,
            @Option(description = "number of queues", defaultValue = "1") int numQueues,
            @Option(description = "entries of a queue", defaultValue = "128") int queueSize,
            @Option(description = "serial number the guest sees") Optional<String> serial) {
        VhostUserBlkOptions {
            if (numQueues < 1) {
                throw new IllegalArgumentException("num-queues must be greater than 0");
            }
        }
    }

    @Override
    public Class<VhostUserBlkOptions> optionsType() {
        return VhostUserBlkOptions.class;
    }

    @Override
    public BlockExport create(ExportContext context, VhostUserBlkOptions options)
            throws BlockException {
        Optional<Handover> before = context.handover();
        if (before.isPresent() && before.get().is(FORMAT, 1)) {
            return new Device(context, options, before.get().state());
        }
        if (options.addr() instanceof Address.Descriptor) {
            throw new BlockException(Reason.UNSUPPORTED, "addr.type=fd is not supported yet");
        }
        return new Device(context, options, Map.of());
    }

    private static final class Device implements BlockExport {
        private final ExportContext context;
        private final VhostUserBlkOptions options;
        private final BlockBackend backend;
        private Client frontEnd;

        Device(ExportContext context, VhostUserBlkOptions options, Map<String, Object> state) {
            this.context = context;
            this.options = options;
            this.backend = context.backend();
            context.log().log(System.Logger.Level.DEBUG, "resumed with {0}", state.keySet());
        }

        void connected() throws BlockException {
            frontEnd = context.client(options.addr().toString());
            frontEnd.detail("queues", Integer.toString(options.numQueues()));
        }

        /** A request whose data lies in guest memory; the arrays are the queue's own. */
        void read(long sector, ByteBuffer[] guest, int first, int count, Runnable completion) {
            long offset = sector << 9;
            try {
                if (backend.tryRead(offset, guest, first, count)) {
                    completion.run();
                    return;
                }
            } catch (BlockIOException e) {
                fail(e);
                return;
            }
            context.executor()
                    .execute(
                            () -> {
                                try {
                                    backend.read(offset, guest, first, count);
                                    completion.run();
                                } catch (BlockIOException e) {
                                    fail(e);
                                }
                            });
        }

        void write(long sector, boolean writethrough, ByteBuffer[] guest, int count)
                throws BlockIOException {
            int flags = writethrough ? RequestFlags.FUA : RequestFlags.NONE;
            if (!backend.tryWrite(sector << 9, flags, guest, 0, count)) {
                backend.write(sector << 9, flags, guest, 0, count);
            }
        }

        void discardThenZero(long sector, long sectors) throws BlockIOException {
            backend.discard(sector << 9, sectors << 9, RequestFlags.NONE);
            backend.writeZeroes(sector << 9, sectors << 9, RequestFlags.NO_UNMAP);
            backend.flush();
            Extent extent = backend.status(sector << 9, sectors << 9);
            context.log().log(System.Logger.Level.TRACE, "now {0}", extent);
        }

        private void fail(BlockIOException e) {
            context.log().log(System.Logger.Level.DEBUG, "status {0}", e.errno().number());
        }

        @Override
        public void requestShutdown(ShutdownMode mode) {
            if (mode == ShutdownMode.HARD && frontEnd != null) {
                frontEnd.close();
            }
        }

        @Override
        public void delete() {
            requestShutdown(ShutdownMode.HARD);
        }

        @Override
        public void resized(long length) {
            context.log().log(System.Logger.Level.DEBUG, "capacity {0}", length >> 9);
        }

        @Override
        public ExportInfo info() {
            return new ExportInfo("sock", Map.of("queues", "" + options.numQueues()));
        }

        @Override
        public Optional<Handover> suspend() {
            return Optional.of(
                    new Handover(
                            FORMAT,
                            1,
                            Map.of(
                                    "socket", 7,
                                    "regions", List.of(Map.of("fd", 8, "size", 1L << 30)),
                                    "rings", List.of(new byte[64]))));
        }
    }
}
