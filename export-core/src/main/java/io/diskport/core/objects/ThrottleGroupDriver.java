package io.diskport.core.objects;

import io.diskport.api.ProvidesDriver;
import io.diskport.api.object.BlockObject;
import io.diskport.api.object.BlockObjectDriver;
import io.diskport.api.object.ObjectContext;
import io.diskport.api.object.ThrottleGroup;
import io.diskport.api.options.Option;
import org.osgi.service.component.annotations.Component;

/** Makes throttle groups. */
@Component(
        service = BlockObjectDriver.class,
        property = BlockObjectDriver.TYPE_PROPERTY + "=throttle-group")
@ProvidesDriver(kind = "object", type = "throttle-group")
public final class ThrottleGroupDriver implements BlockObjectDriver<ThrottleGroupDriver.Options> {
    /**
     * The options of a throttle group.
     *
     * @param limits what its users may do together
     */
    public record Options(@Option(description = "the limits") ThrottleLimits limits) {}

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public Class<? extends BlockObject> contract() {
        return ThrottleGroup.class;
    }

    @Override
    public BlockObject create(ObjectContext context, Options options) {
        return new LeakyBuckets(options.limits(), System::nanoTime);
    }
}
