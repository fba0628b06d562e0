package io.diskport.tls.x509;

import io.diskport.api.BlockException;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.object.BlockObject;
import io.diskport.api.object.BlockObjectDriver;
import io.diskport.api.object.ObjectContext;
import io.diskport.api.object.Secret;
import io.diskport.api.object.TlsCredentials;
import io.diskport.api.options.ObjectRef;
import io.diskport.api.options.Option;
import java.nio.file.Path;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** Makes credentials of certificates, from a directory with the layout that QEMU's tools use. */
@Component(
        service = BlockObjectDriver.class,
        property = BlockObjectDriver.TYPE_PROPERTY + "=" + X509CredentialsDriver.TYPE)
@ProvidesDriver(kind = "object", type = X509CredentialsDriver.TYPE)
public final class X509CredentialsDriver
        implements BlockObjectDriver<X509CredentialsDriver.Options> {
    static final String TYPE = "tls-creds-x509";

    /**
     * The options of credentials, named as QEMU names them.
     *
     * @param dir where the files are
     * @param endpoint the end of a connection that they are for
     * @param verifyPeer whether the other end has to prove who it is
     * @param passwordid what decrypts the key
     * @param sanityCheck whether the certificates themselves are looked at now, and not only when
     *     somebody connects
     */
    public record Options(
            @Option(
                            description =
                                    "the directory of ca-cert.pem, ca-crl.pem, server-cert.pem and"
                                            + " server-key.pem, or client-cert.pem and"
                                            + " client-key.pem",
                            example = "/etc/pki/diskport")
                    Path dir,
            @Option(
                            description = "the end of connections that they are for",
                            defaultValue = "server")
                    TlsCredentials.Endpoint endpoint,
            @Option(
                            description =
                                    "a server asks for certificates of clients, a client checks the"
                                            + " server's",
                            defaultValue = "on")
                    boolean verifyPeer,
            @Option(description = "the secret that decrypts the key")
                    Optional<ObjectRef<Secret>> passwordid,
            @Option(
                            description = "refuse certificates that are expired or for other uses",
                            defaultValue = "on")
                    boolean sanityCheck) {}

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
        Optional<Secret> password = Optional.empty();
        if (options.passwordid().isPresent()) {
            password = Optional.of(context.object(options.passwordid().get()));
        }
        CredentialFiles files =
                CredentialFiles.read(
                        options.dir(),
                        options.endpoint(),
                        options.verifyPeer(),
                        password,
                        context.log());
        if (options.sanityCheck()) {
            Sanity.check(files, options.endpoint());
        }
        return X509Credentials.of(files, options.endpoint(), options.verifyPeer());
    }
}
