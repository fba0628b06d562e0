package io.diskport.nbd.server;

import io.diskport.api.BlockException;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.object.BlockObject;
import io.diskport.api.object.BlockObjectDriver;
import io.diskport.api.object.ObjectContext;
import org.osgi.service.component.annotations.Component;

/** Makes listeners, on which exports of type nbd are offered. */
@ProvidesDriver(kind = "object", type = NbdServerDriver.TYPE)
@Component(
        service = BlockObjectDriver.class,
        property = BlockObjectDriver.TYPE_PROPERTY + "=" + NbdServerDriver.TYPE)
public final class NbdServerDriver implements BlockObjectDriver<NbdServerOptions> {
    static final String TYPE = "nbd-server";

    @Override
    public Class<NbdServerOptions> optionsType() {
        return NbdServerOptions.class;
    }

    @Override
    public Class<? extends BlockObject> contract() {
        return NbdServer.class;
    }

    @Override
    public BlockObject create(ObjectContext context, NbdServerOptions options)
            throws BlockException {
        return NbdServer.start(context, options);
    }
}
