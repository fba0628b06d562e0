package io.diskport.testkit.bad;

import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.node.Extent;
import io.diskport.api.node.NodeContext;
import io.diskport.api.options.Option;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.osgi.service.component.annotations.Component;

/** Nodes in memory with a bug of choice. */
@Component(property = BlockNodeDriver.DRIVER_PROPERTY + "=bad")
@ProvidesDriver(kind = "node", type = "bad")
public final class BadNodeDriver implements BlockNodeDriver<BadNodeDriver.Options> {
    /** What is wrong. */
    public enum Bug {
        NONE,
        LOSES_WRITES,
        LIES_OF_ZEROES,
        FORGETS,
        IGNORES_A_RESIZE,
        BREAKS_WHEN_REOPENED,
        LEAVES_A_THREAD
    }

    /** The options. */
    public record Options(@Option(description = "what is wrong", defaultValue = "none") Bug bug) {}

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public BlockNode open(NodeContext context, Options options) {
        if (options.bug() == Bug.LEAVES_A_THREAD) {
            Wire.keepAThread();
        }
        return new BadNode(options.bug());
    }

    @Override
    public void reopen(BlockNode node, NodeContext context, Options options) {
        ((BadNode) node).broken = options.bug() == Bug.BREAKS_WHEN_REOPENED;
    }

    private static final class BadNode implements BlockNode {
        private static final int LENGTH = 1 << 20;

        private final Bug bug;
        private volatile boolean broken;
        private byte[] bytes = new byte[LENGTH];

        BadNode(Bug bug) {
            this.bug = bug;
        }

        @Override
        public synchronized long length() {
            return bytes.length;
        }

        @Override
        public BlockLimits limits() {
            return BlockLimits.ANY;
        }

        @Override
        public synchronized void read(long offset, ByteBuffer destination) throws BlockIOException {
            if (broken) {
                throw new BlockIOException(Errno.EIO, "broken");
            }
            destination.put(bytes, (int) offset, destination.remaining());
        }

        @Override
        public synchronized void write(long offset, int flags, ByteBuffer source) {
            if (bug == Bug.LOSES_WRITES && offset > LENGTH / 2) {
                source.position(source.limit());
                return;
            }
            source.get(bytes, (int) offset, source.remaining());
        }

        @Override
        public void flush() {
            // It is in memory.
        }

        @Override
        public synchronized void writeZeroes(long offset, long length, int flags) {
            Arrays.fill(bytes, (int) offset, (int) (offset + length), (byte) 0);
        }

        @Override
        public Extent status(long offset, long length) {
            return bug == Bug.LIES_OF_ZEROES ? Extent.hole(length) : Extent.data(length);
        }

        @Override
        public synchronized void truncate(long length) {
            if (bug != Bug.IGNORES_A_RESIZE) {
                bytes = Arrays.copyOf(bytes, (int) length);
            }
        }

        @Override
        public void close() {
            // It is in memory.
        }
    }
}
