package io.diskport.core.nodes;

import io.diskport.api.BlockException;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.node.NodeContext;
import io.diskport.api.options.ByteSize;
import io.diskport.api.options.Option;
import org.osgi.service.component.annotations.Component;

/** Makes nodes that forget what is written, to measure what stands on them. */
@Component(service = BlockNodeDriver.class, property = BlockNodeDriver.DRIVER_PROPERTY + "=null-co")
@ProvidesDriver(kind = "node", type = "null-co")
public final class NullNodeDriver implements BlockNodeDriver<NullNodeDriver.Options> {
    /**
     * The options of a null node.
     *
     * @param size its length
     * @param readZeroes whether it promises that everything is zero; reads give zeroes either way
     * @param latencyNs how long every request takes, in nanoseconds
     */
    public record Options(
            @Option(description = "the length", defaultValue = "1G") ByteSize size,
            @Option(description = "promise that everything reads as zeroes", defaultValue = "off")
                    boolean readZeroes,
            @Option(
                            description = "how long every request takes, in nanoseconds",
                            defaultValue = "0")
                    long latencyNs) {
        /** Checks the latency. */
        public Options {
            if (latencyNs < 0) {
                throw new IllegalArgumentException(
                        "latency-ns is invalid: '" + latencyNs + "' is less than 0");
            }
        }
    }

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public BlockNode open(NodeContext context, Options options) throws BlockException {
        return new NullNode(options);
    }

    @Override
    public void reopen(BlockNode node, NodeContext context, Options options) throws BlockException {
        Options before = ((NullNode) node).options();
        Fixed.option(context, "size", before.size(), options.size());
        Fixed.option(context, "latency-ns", before.latencyNs(), options.latencyNs());
        Fixed.option(context, "read-zeroes", before.readZeroes(), options.readZeroes());
    }
}
