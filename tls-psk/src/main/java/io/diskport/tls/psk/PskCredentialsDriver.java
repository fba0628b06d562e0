package io.diskport.tls.psk;

import io.diskport.api.BlockException;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.object.BlockObject;
import io.diskport.api.object.BlockObjectDriver;
import io.diskport.api.object.ObjectContext;
import io.diskport.api.object.TlsCredentials;
import io.diskport.api.options.Option;
import java.nio.file.Path;
import org.osgi.service.component.annotations.Component;

/** Makes credentials of shared keys, from a file as GnuTLS's psktool writes it. */
@Component(
        service = BlockObjectDriver.class,
        property = BlockObjectDriver.TYPE_PROPERTY + "=" + PskCredentialsDriver.TYPE)
@ProvidesDriver(kind = "object", type = PskCredentialsDriver.TYPE)
public final class PskCredentialsDriver implements BlockObjectDriver<PskCredentialsDriver.Options> {
    static final String TYPE = "tls-creds-psk";

    /**
     * The options of credentials, named as QEMU names them.
     *
     * @param dir where the file is
     * @param endpoint the end of a connection that they are for
     * @param username whose key a client takes
     */
    public record Options(
            @Option(
                            description =
                                    "the directory of keys.psk, whose lines are USER:KEY-IN-HEX",
                            example = "/etc/pki/diskport")
                    Path dir,
            @Option(
                            description = "the end of connections that they are for",
                            defaultValue = "server")
                    TlsCredentials.Endpoint endpoint,
            @Option(description = "the user whose key a client takes", defaultValue = "qemu")
                    String username) {
        /** Checks that there is a name. */
        public Options {
            if (username.isEmpty()) {
                throw new IllegalArgumentException("Option 'username' cannot be empty");
            }
        }
    }

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public Class<? extends BlockObject> contract() {
        return TlsCredentials.class;
    }

    @Override
    public BlockObject create(ObjectContext context, Options options) throws BlockException {
        PskFile file = new PskFile(options.dir().resolve(PskFile.NAME));
        if (options.endpoint() == TlsCredentials.Endpoint.CLIENT) {
            file.key(options.username());
        } else {
            file.keys();
        }
        file.warnIfReadableByAll(context.log());
        return new PskCredentials(file, options.endpoint(), options.username());
    }
}
