package io.diskport.core.objects;

import io.diskport.api.ProvidesDriver;
import io.diskport.api.object.BlockObject;
import io.diskport.api.object.BlockObjectDriver;
import io.diskport.api.object.IoThread;
import io.diskport.api.object.ObjectContext;
import io.diskport.api.options.Option;
import org.osgi.service.component.annotations.Component;

/** Makes named pools of workers. */
@Component(
        service = BlockObjectDriver.class,
        property = BlockObjectDriver.TYPE_PROPERTY + "=iothread")
@ProvidesDriver(kind = "object", type = "iothread")
public final class IoThreadDriver implements BlockObjectDriver<IoThreadDriver.Options> {
    /**
     * The options of an iothread.
     *
     * @param workers how many tasks run at once, 1 to 1024
     */
    public record Options(
            @Option(description = "how many requests run at once", defaultValue = "4")
                    int workers) {
        /** Checks the number. */
        public Options {
            if (workers < 1 || workers > 1024) {
                throw new IllegalArgumentException(
                        "Option 'workers' has the value '" + workers + "': it is 1 to 1024");
            }
        }
    }

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public Class<? extends BlockObject> contract() {
        return IoThread.class;
    }

    @Override
    public BlockObject create(ObjectContext context, Options options) {
        return new WorkerPool(context.id(), options.workers());
    }
}
