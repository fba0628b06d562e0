package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.Handover;
import io.diskport.api.export.BlockExport;
import io.diskport.api.export.BlockExportDriver;
import io.diskport.api.export.ExportContext;
import io.diskport.api.export.ShutdownMode;
import io.diskport.api.manage.Kind;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.node.NodeContext;
import io.diskport.api.options.Option;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Drivers whose every step a test can see, hold up or fail. */
final class Fakes {
    private Fakes() {}

    static DriverRef ref(Kind kind, String type, int ranking, Object service) {
        return new DriverRef(
                new DriverRef.Identity(
                        kind,
                        type,
                        "test." + type,
                        7,
                        new DriverRef.BundleVersion(1, 0, 0, ""),
                        ranking,
                        ""),
                service);
    }

    static DriverRef placeholder(Kind kind, String type, Object service) {
        return new DriverRef(
                new DriverRef.Identity(
                        kind,
                        type,
                        "test.stub",
                        8,
                        new DriverRef.BundleVersion(1, 0, 0, ""),
                        Integer.MIN_VALUE,
                        "deploy the real one"),
                service);
    }

    record NodeOptions(
            @Option(description = "bytes", defaultValue = "65536") int size,
            @Option(description = "how it fails", defaultValue = "no") String fail) {}

    static final class NodeDriver implements BlockNodeDriver<NodeOptions> {
        final List<Node> nodes = new CopyOnWriteArrayList<>();

        @Override
        public Class<NodeOptions> optionsType() {
            return NodeOptions.class;
        }

        @Override
        public BlockNode open(NodeContext context, NodeOptions options) throws BlockException {
            if (!options.fail().equals("no")) {
                throw new BlockException(BlockException.Reason.FAILED, options.fail());
            }
            Node node = new Node(options.size());
            nodes.add(node);
            return node;
        }
    }

    static final class Node implements BlockNode {
        private final byte[] bytes;
        final CountDownLatch hangs = new CountDownLatch(1);
        final CountDownLatch inHang = new CountDownLatch(1);
        volatile boolean hang;
        volatile boolean closed;
        volatile int flushes;

        Node(int size) {
            bytes = new byte[size];
        }

        @Override
        public long length() {
            return bytes.length;
        }

        @Override
        public BlockLimits limits() {
            return BlockLimits.ANY;
        }

        @Override
        public void read(long offset, ByteBuffer destination) throws BlockIOException {
            if (hang) {
                inHang.countDown();
                try {
                    hangs.await();
                } catch (InterruptedException e) {
                    throw new BlockIOException(Errno.EINTR, "interrupted", e);
                }
            }
            if (closed) {
                throw new IllegalStateException("read after close");
            }
            destination.put(bytes, (int) offset, destination.remaining());
        }

        @Override
        public void write(long offset, int flags, ByteBuffer source) {
            source.get(bytes, (int) offset, source.remaining());
        }

        @Override
        public void flush() {
            flushes++;
        }

        @Override
        public void writeZeroes(long offset, long length, int flags) {
            Arrays.fill(bytes, (int) offset, (int) (offset + length), (byte) 0);
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    record ExportOptions(@Option(description = "how it fails", defaultValue = "no") String fail) {}

    static final class ExportDriver implements BlockExportDriver<ExportOptions> {
        final List<Export> exports = new CopyOnWriteArrayList<>();
        volatile CountDownLatch createHangs = new CountDownLatch(0);
        final CountDownLatch creating = new CountDownLatch(1);
        volatile boolean handsOver;

        @Override
        public Class<ExportOptions> optionsType() {
            return ExportOptions.class;
        }

        @Override
        public BlockExport create(ExportContext context, ExportOptions options)
                throws BlockException {
            creating.countDown();
            try {
                createHangs.await();
            } catch (InterruptedException e) {
                throw new BlockException(BlockException.Reason.FAILED, "interrupted", e);
            }
            if (!options.fail().equals("no")) {
                throw new BlockException(BlockException.Reason.FAILED, options.fail());
            }
            Export export = new Export(this, context, context.handover());
            exports.add(export);
            return export;
        }

        Export last() {
            return exports.get(exports.size() - 1);
        }
    }

    static final class Export implements BlockExport {
        final ExportDriver driver;
        final ExportContext context;
        final Optional<Handover> handover;
        final List<ShutdownMode> requests = new CopyOnWriteArrayList<>();
        final List<Long> lengths = new ArrayList<>();
        volatile boolean deleted;
        volatile AutoCloseable resource = () -> {};

        Export(ExportDriver driver, ExportContext context, Optional<Handover> handover) {
            this.driver = driver;
            this.context = context;
            this.handover = handover;
        }

        @Override
        public void requestShutdown(ShutdownMode mode) {
            requests.add(mode);
        }

        @Override
        public void delete() {
            if (deleted) {
                throw new IllegalStateException("deleted twice");
            }
            deleted = true;
        }

        @Override
        public void resized(long length) {
            lengths.add(length);
        }

        @Override
        public Optional<Handover> suspend() {
            return driver.handsOver
                    ? Optional.of(new Handover("test", 1, Map.of("socket", resource)))
                    : Optional.empty();
        }
    }
}
