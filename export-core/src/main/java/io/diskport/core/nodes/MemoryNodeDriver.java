package io.diskport.core.nodes;

import io.diskport.api.BlockException;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.node.NodeContext;
import io.diskport.api.options.ByteSize;
import io.diskport.api.options.Option;
import org.osgi.service.component.annotations.Component;

/** Makes nodes of memory; what was written is gone with the node. */
@Component(service = BlockNodeDriver.class, property = BlockNodeDriver.DRIVER_PROPERTY + "=memory")
@ProvidesDriver(kind = "node", type = "memory")
public final class MemoryNodeDriver implements BlockNodeDriver<MemoryNodeDriver.Options> {
    /**
     * The options of a memory node.
     *
     * @param size its length, 1 PiB at most; only what is written takes memory
     */
    public record Options(
            @Option(description = "the length; only what is written takes memory", example = "256M")
                    ByteSize size) {
        /** Checks that pages can be found. */
        public Options {
            if (size.bytes() > PageTable.MAXIMUM_LENGTH) {
                throw new IllegalArgumentException(
                        "Option 'size' has the value '" + size + "': a memory node is 1P at most");
            }
        }
    }

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public BlockNode open(NodeContext context, Options options) throws BlockException {
        return new MemoryNode(context.nodeName(), options.size().bytes());
    }

    @Override
    public void reopen(BlockNode node, NodeContext context, Options options) throws BlockException {
        Fixed.option(context, "size", ((MemoryNode) node).sizeAtFirst(), options.size());
    }
}
