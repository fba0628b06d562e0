package io.diskport.core.objects;

import io.diskport.api.ProvidesDriver;
import io.diskport.api.object.Authorization;
import io.diskport.api.object.BlockObject;
import io.diskport.api.object.BlockObjectDriver;
import io.diskport.api.object.ObjectContext;
import io.diskport.api.options.Option;
import org.osgi.service.component.annotations.Component;

/** Makes authorizations that let one peer in. */
@Component(
        service = BlockObjectDriver.class,
        property = BlockObjectDriver.TYPE_PROPERTY + "=authz-simple")
@ProvidesDriver(kind = "object", type = "authz-simple")
public final class AuthzSimpleDriver implements BlockObjectDriver<AuthzSimpleDriver.Options> {
    /**
     * The options of an authorization.
     *
     * @param identity who is let in
     */
    public record Options(
            @Option(description = "who is let in, exactly", example = "CN=laptop,,O=Example")
                    String identity) {
        /** Checks that it is somebody. */
        public Options {
            if (identity.isEmpty()) {
                throw new IllegalArgumentException("Option 'identity' cannot be empty");
            }
        }
    }

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public Class<? extends BlockObject> contract() {
        return Authorization.class;
    }

    @Override
    public BlockObject create(ObjectContext context, Options options) {
        return (Authorization) options.identity()::equals;
    }
}
