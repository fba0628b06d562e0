package io.diskport.core.nodes;

import io.diskport.api.BlockException;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.node.NodeContext;
import org.osgi.service.component.annotations.Component;

/** The same nodes as null-co, under the other name that QEMU has for them. */
@Component(
        service = BlockNodeDriver.class,
        property = BlockNodeDriver.DRIVER_PROPERTY + "=null-aio")
@ProvidesDriver(kind = "node", type = "null-aio")
public final class NullAioNodeDriver implements BlockNodeDriver<NullNodeDriver.Options> {
    private final NullNodeDriver same = new NullNodeDriver();

    @Override
    public Class<NullNodeDriver.Options> optionsType() {
        return same.optionsType();
    }

    @Override
    public BlockNode open(NodeContext context, NullNodeDriver.Options options)
            throws BlockException {
        return same.open(context, options);
    }

    @Override
    public void reopen(BlockNode node, NodeContext context, NullNodeDriver.Options options)
            throws BlockException {
        same.reopen(node, context, options);
    }
}
