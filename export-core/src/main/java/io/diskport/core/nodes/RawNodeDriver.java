package io.diskport.core.nodes;

import io.diskport.api.BlockException;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.node.NodeContext;
import io.diskport.api.options.ByteSize;
import io.diskport.api.options.NodeRef;
import io.diskport.api.options.Option;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** Makes nodes that show another node as it is, or a part of it. */
@Component(service = BlockNodeDriver.class, property = BlockNodeDriver.DRIVER_PROPERTY + "=raw")
@ProvidesDriver(kind = "node", type = "raw")
public final class RawNodeDriver implements BlockNodeDriver<RawNodeDriver.Options> {
    /**
     * The options of a raw node.
     *
     * @param file the node that it shows
     * @param offset where in that it begins
     * @param size how much of that it shows; up to its end, and following it, if empty
     * @param formatProbe whether writing is refused where the content begins like an image format
     */
    public record Options(
            @Option(description = "the node that it shows") NodeRef file,
            @Option(description = "where in that it begins", defaultValue = "0") ByteSize offset,
            @Option(description = "how much of that it shows, by default all up to its end")
                    Optional<ByteSize> size,
            @Option(
                            description =
                                    "refuse to write where the content begins like qcow2, vmdk,"
                                            + " vdi or vhdx",
                            defaultValue = "on")
                    boolean formatProbe) {}

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public BlockNode open(NodeContext context, Options options) throws BlockException {
        return RawNode.open(context, options);
    }

    @Override
    public void reopen(BlockNode node, NodeContext context, Options options) throws BlockException {
        ((RawNode) node).reopen(options);
    }
}
