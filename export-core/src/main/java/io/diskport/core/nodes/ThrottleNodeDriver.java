package io.diskport.core.nodes;

import io.diskport.api.BlockException;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.node.NodeContext;
import io.diskport.api.object.ThrottleGroup;
import io.diskport.api.options.NodeRef;
import io.diskport.api.options.ObjectRef;
import io.diskport.api.options.Option;
import org.osgi.service.component.annotations.Component;

/** Makes nodes that let requests through at the pace of a throttle group. */
@Component(
        service = BlockNodeDriver.class,
        property = BlockNodeDriver.DRIVER_PROPERTY + "=throttle")
@ProvidesDriver(kind = "node", type = "throttle")
public final class ThrottleNodeDriver implements BlockNodeDriver<ThrottleNodeDriver.Options> {
    /**
     * The options of a throttle node.
     *
     * @param throttleGroup the limits, which all nodes of the group share
     * @param file the node that requests go to
     */
    public record Options(
            @Option(description = "the limits, which all nodes of the group share")
                    ObjectRef<ThrottleGroup> throttleGroup,
            @Option(description = "the node that requests go to") NodeRef file) {}

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public BlockNode open(NodeContext context, Options options) throws BlockException {
        return ThrottleNode.open(context, options);
    }

    @Override
    public void reopen(BlockNode node, NodeContext context, Options options) throws BlockException {
        ((ThrottleNode) node).reopen(context.object(options.throttleGroup()));
    }
}
