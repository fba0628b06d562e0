package io.diskport.testkit.bad;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
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
import java.util.concurrent.Exchanger;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.osgi.service.component.annotations.Component;

/** Nodes in memory with a bug of choice. */
@Component(property = BlockNodeDriver.DRIVER_PROPERTY + "=bad")
@ProvidesDriver(kind = "node", type = "bad")
public final class BadNodeDriver implements BlockNodeDriver<BadNodeDriver.Options> {
    /** What is wrong. */
    public enum Bug {
        NONE,
        IS_SHORT,
        IS_SHORTER_THAN_IT_SAYS,
        READS_AS_SOMETHING_ELSE,
        MIXES_REQUESTS,
        DISCARDS_TOO_MUCH,
        FAILS_UNDER_LOAD,
        DOES_NOT_COME_BACK,
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
    public BlockNode open(NodeContext context, Options options) throws BlockException {
        if (options.bug() == Bug.DOES_NOT_COME_BACK && Wire.isAgain()) {
            throw new BlockException(Reason.FAILED, "once is enough");
        }
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
        private static final int FEW = 10;
        private static final int TOO_MUCH = 512;
        private static final int MEETING_MILLIS = 100;

        private final Bug bug;
        private volatile boolean broken;
        private final Exchanger<ByteBuffer> meeting = new Exchanger<>();
        private byte[] bytes = new byte[LENGTH];
        private int reads;

        BadNode(Bug bug) {
            this.bug = bug;
            if (bug == Bug.IS_SHORT) {
                bytes = new byte[LENGTH / 2];
            }
            if (bug == Bug.READS_AS_SOMETHING_ELSE) {
                Arrays.fill(bytes, (byte) 1);
            }
        }

        @Override
        public synchronized long length() {
            return bytes.length + (bug == Bug.IS_SHORTER_THAN_IT_SAYS ? TOO_MUCH : 0);
        }

        @Override
        public BlockLimits limits() {
            return BlockLimits.ANY;
        }

        @Override
        public synchronized void read(long offset, ByteBuffer destination) throws BlockIOException {
            if (broken || bug == Bug.FAILS_UNDER_LOAD && reads++ > FEW) {
                throw new BlockIOException(Errno.EIO, "broken");
            }
            destination.put(bytes, (int) offset, destination.remaining());
        }

        @Override
        public void write(long offset, int flags, ByteBuffer source) {
            ByteBuffer written = bug == Bug.MIXES_REQUESTS ? othersOrOwn(source) : source;
            write(offset, written);
            source.position(source.limit());
        }

        /** What another writes at the same time, if one does. */
        private ByteBuffer othersOrOwn(ByteBuffer own) {
            ByteBuffer copy = ByteBuffer.allocate(own.remaining()).put(own.duplicate()).flip();
            try {
                return meeting.exchange(copy, MEETING_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException | TimeoutException e) {
                return copy;
            }
        }

        private synchronized void write(long offset, ByteBuffer source) {
            if (bug == Bug.LOSES_WRITES && offset > LENGTH / 2) {
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
        public synchronized void discard(long offset, long length, int flags) {
            if (bug == Bug.DISCARDS_TOO_MUCH) {
                Arrays.fill(bytes, (int) offset, (int) (offset + length) + TOO_MUCH, (byte) 0);
            }
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
