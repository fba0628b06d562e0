package org.example.pattern;

import io.diskport.api.BlockException;
import io.diskport.api.BlockIOException;
import io.diskport.api.Errno;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.node.BlockLimits;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.node.NodeContext;
import io.diskport.api.options.ByteSize;
import io.diskport.api.options.Option;
import java.nio.ByteBuffer;
import org.osgi.service.component.annotations.Component;

/** Nodes whose bytes are a function of their offset: byte N of each 8 is a byte of its offset. */
@Component(property = BlockNodeDriver.DRIVER_PROPERTY + "=pattern")
@ProvidesDriver(kind = "node", type = "pattern")
public final class PatternNodeDriver implements BlockNodeDriver<PatternNodeDriver.Options> {
    /** The options, for people and for the parser. */
    public record Options(@Option(description = "length", example = "1G") ByteSize size) {}

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public BlockNode open(NodeContext context, Options options) throws BlockException {
        return new PatternNode(options.size().bytes());
    }

    private record PatternNode(long length) implements BlockNode {
        @Override
        public boolean readOnly() {
            return true;
        }

        @Override
        public BlockLimits limits() {
            return BlockLimits.ANY;
        }

        @Override
        public void read(long offset, ByteBuffer destination) {
            for (long at = offset; destination.hasRemaining(); at++) {
                destination.put(at(at));
            }
        }

        /** Nothing has to be waited for. */
        @Override
        public boolean tryRead(long offset, ByteBuffer destination) {
            read(offset, destination);
            return true;
        }

        private static byte at(long offset) {
            return (byte) (offset >> 8 * (7 - offset % 8));
        }

        @Override
        public void write(long offset, int flags, ByteBuffer source) throws BlockIOException {
            throw new BlockIOException(Errno.EROFS, "a pattern cannot be written");
        }

        @Override
        public void writeZeroes(long offset, long length, int flags) throws BlockIOException {
            throw new BlockIOException(Errno.EROFS, "a pattern cannot be written");
        }

        @Override
        public void flush() {
            // There is nothing that could be lost.
        }

        @Override
        public void close() {
            // There is nothing to free.
        }
    }
}
