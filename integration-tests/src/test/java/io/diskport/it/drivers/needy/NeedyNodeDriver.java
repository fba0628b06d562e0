package io.diskport.it.drivers.needy;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.node.BlockNode;
import io.diskport.api.node.BlockNodeDriver;
import io.diskport.api.node.NodeContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** A driver that waits for a service which nobody has. */
@ProvidesDriver(kind = "node", type = "needy")
@Component(service = BlockNodeDriver.class, property = BlockNodeDriver.DRIVER_PROPERTY + "=needy")
public final class NeedyNodeDriver implements BlockNodeDriver<NeedyNodeDriver.Options> {
    /** There is nothing to choose. */
    public record Options() {}

    @Activate
    public NeedyNodeDriver(@Reference(name = "power", target = "(power=on)") Runnable power) {
        power.run();
    }

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public BlockNode open(NodeContext context, Options options) throws BlockException {
        throw new BlockException(Reason.UNAVAILABLE, "there is never power");
    }
}
