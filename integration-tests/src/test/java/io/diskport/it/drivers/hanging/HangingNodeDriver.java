package io.diskport.it.drivers.hanging;

import io.diskport.api.ProvidesDriver;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.node.NodeContext;
import org.osgi.service.component.annotations.Component;

/** Nodes of 16 MiB of zeroes, whose second half never answers. */
@ProvidesDriver(kind = "node", type = "hanging")
@Component(service = BlockNodeDriver.class, property = BlockNodeDriver.DRIVER_PROPERTY + "=hanging")
public final class HangingNodeDriver implements BlockNodeDriver<HangingNodeDriver.Options> {
    /** There is nothing to choose. */
    public record Options() {}

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public BlockNode open(NodeContext context, Options options) {
        return new HangingNode();
    }
}
