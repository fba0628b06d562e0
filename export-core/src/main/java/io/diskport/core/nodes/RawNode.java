package io.diskport.core.nodes;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.node.AsyncRequest;
import io.diskport.api.node.BlockChild;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.ChildListener;
import io.diskport.api.node.Extent;
import io.diskport.api.node.FileLease;
import io.diskport.api.node.NodeContext;
import io.diskport.api.node.Permissions;
import io.diskport.api.options.ByteSize;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A child as it is, or a part of it. */
final class RawNode extends FilterNode {
    private final String name;
    private final Window window;
    private Permissions held = Permissions.NONE;
    private Permissions shared = Permissions.ALL;

    private RawNode(NodeContext context, BlockChild child, Window window) {
        super(child);
        this.name = context.nodeName();
        this.window = window;
    }

    static RawNode open(NodeContext context, RawNodeDriver.Options options) throws BlockException {
        Window window = new Window(context, options);
        BlockChild child = openChild(context, options.file(), window);
        check(child, options);
        RawNode node = new RawNode(context, child, window);
        if (options.formatProbe() && !context.settings().readOnly() && !child.readOnly()) {
            node.probe(Permissions.ALL);
        }
        return node;
    }

    /** Another part of the child, or of another one, while no request is in flight. */
    void reopen(RawNodeDriver.Options options) throws BlockException {
        check(child, options);
        RawNodeDriver.Options before = window.options;
        window.options = options;
        boolean otherChild = !options.file().equals(before.file());
        if (otherChild && options.formatProbe() && held.write()) {
            try {
                probe(Permissions.ALL);
            } catch (BlockException e) {
                window.options = before;
                throw e;
            }
        }
    }

    private static void check(BlockChild child, RawNodeDriver.Options options)
            throws BlockException {
        long offset = options.offset().bytes();
        long there = child.length();
        if (offset > there) {
            throw new BlockException(
                    Reason.INVALID,
                    "Offset ("
                            + offset
                            + ") cannot be greater than size of the containing file ("
                            + there
                            + "), which is node '"
                            + child.nodeName()
                            + "'");
        }
        if (options.size().isPresent() && options.size().get().bytes() > there - offset) {
            throw new BlockException(
                    Reason.INVALID,
                    "The sum of offset ("
                            + offset
                            + ") and size ("
                            + options.size().get().bytes()
                            + ") has to be smaller or equal to the actual size of the containing"
                            + " file ("
                            + there
                            + "), which is node '"
                            + child.nodeName()
                            + "'");
        }
    }

    /** Which part of the child is shown. */
    private static final class Window implements ChildListener {
        private final NodeContext context;
        private volatile RawNodeDriver.Options options;

        Window(NodeContext context, RawNodeDriver.Options options) {
            this.context = context;
            this.options = options;
        }

        long offset() {
            return options.offset().bytes();
        }

        Optional<ByteSize> size() {
            return options.size();
        }

        @Override
        public void lengthChanged(long length) {
            if (size().isEmpty()) {
                context.lengthChanged(Math.max(0, length - offset()));
            }
        }

        @Override
        public long neededLength() {
            return offset() + size().map(ByteSize::bytes).orElse(0L);
        }

        @Override
        public void limitsChanged(BlockLimits limits) {
            context.limitsChanged();
        }
    }

    private long offset() {
        return window.offset();
    }

    @Override
    public long length() {
        return window.size()
                .map(ByteSize::bytes)
                .orElseGet(() -> Math.max(0, child.length() - offset()));
    }

    @Override
    public long allocatedLength() {
        return Math.min(length(), child.allocatedLength());
    }

    @Override
    public BlockLimits limits() {
        return limits(child.limits(), offset());
    }

    @Override
    public void setPermissions(Permissions newHeld, Permissions newShared) throws BlockException {
        if (window.options.formatProbe() && newHeld.write() && !held.write()) {
            probe(newShared);
        }
        child.setPermissions(newHeld, newShared);
        held = newHeld;
        shared = newShared;
    }

    /** Refuses writing if the content says that it is no raw image. */
    private void probe(Permissions newShared) throws BlockException {
        child.setPermissions(held.or(Permissions.READ), shared.and(newShared));
        try {
            Optional<String> format = ForeignFormat.at(child, 0);
            if (format.isEmpty() && offset() > 0) {
                format = ForeignFormat.at(child, offset());
            }
            if (format.isPresent()) {
                throw new BlockException(
                        Reason.DENIED,
                        "Node '"
                                + name
                                + "' is raw, and node '"
                                + child.nodeName()
                                + "' begins like a "
                                + format.get()
                                + " image, which writing would destroy;"
                                + " use it read-only, or say format-probe=off");
            }
        } catch (BlockIOException e) {
            throw new BlockException(
                    Reason.FAILED,
                    "The format of node '"
                            + child.nodeName()
                            + "' cannot be looked at: "
                            + e.getMessage(),
                    e);
        } finally {
            child.setPermissions(held, shared);
        }
    }

    @Override
    public void read(long at, ByteBuffer destination) throws BlockIOException {
        child.read(offset() + at, destination);
    }

    @Override
    public void read(long at, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        child.read(offset() + at, destinations, first, count);
    }

    @Override
    public void write(long at, int flags, ByteBuffer source) throws BlockIOException {
        child.write(offset() + at, flags, source);
    }

    @Override
    public void write(long at, int flags, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        child.write(offset() + at, flags, sources, first, count);
    }

    @Override
    public boolean tryRead(long at, ByteBuffer destination) throws BlockIOException {
        return child.tryRead(offset() + at, destination);
    }

    @Override
    public boolean tryRead(long at, ByteBuffer[] destinations, int first, int count)
            throws BlockIOException {
        return child.tryRead(offset() + at, destinations, first, count);
    }

    @Override
    public boolean tryWrite(long at, int flags, ByteBuffer source) throws BlockIOException {
        return child.tryWrite(offset() + at, flags, source);
    }

    @Override
    public boolean tryWrite(long at, int flags, ByteBuffer[] sources, int first, int count)
            throws BlockIOException {
        return child.tryWrite(offset() + at, flags, sources, first, count);
    }

    @Override
    public boolean begin(AsyncRequest request) throws BlockIOException {
        request.move(offset());
        return child.begin(request);
    }

    @Override
    public void discard(long at, long length, int flags) throws BlockIOException {
        child.discard(offset() + at, length, flags);
    }

    @Override
    public void writeZeroes(long at, long length, int flags) throws BlockIOException {
        child.writeZeroes(offset() + at, length, flags);
    }

    @Override
    public Extent status(long at, long length) throws BlockIOException {
        return child.status(offset() + at, length);
    }

    @Override
    public void preallocate(long at, long length) throws BlockIOException {
        child.preallocate(offset() + at, length);
    }

    @Override
    public void prefetch(long at, long length) throws BlockIOException {
        child.prefetch(offset() + at, length);
    }

    @Override
    public void truncate(long length) throws BlockIOException {
        if (window.size().isPresent()) {
            throw new BlockIOException(
                    Errno.EOPNOTSUPP,
                    "Node '" + name + "' cannot be resized: option 'size' fixes its length");
        }
        if (length > Long.MAX_VALUE - offset()) {
            throw new BlockIOException(
                    Errno.EFBIG, "Node '" + name + "' cannot be resized to " + length);
        }
        child.truncate(offset() + length);
    }

    @Override
    public Optional<FileLease> leaseFile(boolean writable, Runnable revoke)
            throws BlockIOException {
        return child.leaseFile(writable, revoke).map(lease -> new Part(lease, offset(), this));
    }

    /** A child's lease, from this node's beginning on. */
    private record Part(FileLease whole, long from, RawNode node) implements FileLease {
        @Override
        public int descriptor() {
            return whole.descriptor();
        }

        @Override
        public long offset() {
            return whole.offset() + from;
        }

        @Override
        public long length() {
            return Math.min(node.length(), Math.max(0, whole.length() - from));
        }

        @Override
        public boolean writable() {
            return whole.writable();
        }

        @Override
        public void close() {
            whole.close();
        }
    }
}
