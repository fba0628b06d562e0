package io.diskport.core.objects;

import io.diskport.api.BlockException;
import io.diskport.api.BlockException.Reason;
import io.diskport.api.ProvidesDriver;
import io.diskport.api.object.BlockObject;
import io.diskport.api.object.BlockObjectDriver;
import io.diskport.api.object.ObjectContext;
import io.diskport.api.object.Secret;
import io.diskport.api.options.Option;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** Makes secrets, from text or from a file; nothing but their users sees what is in them. */
@Component(
        service = BlockObjectDriver.class,
        property = BlockObjectDriver.TYPE_PROPERTY + "=secret")
@ProvidesDriver(kind = "object", type = "secret")
public final class SecretDriver implements BlockObjectDriver<SecretDriver.Options> {
    private static final int MAXIMUM_LENGTH = 1 << 20;

    /** How the data or the file's content is written. */
    public enum Format {
        /** As it is; text is taken as UTF-8. */
        RAW,
        /** In base64, white space at its ends left out. */
        BASE64
    }

    /**
     * The options of a secret.
     *
     * @param data the secret itself
     * @param file a file whose whole content it is
     * @param format how that is written
     */
    public record Options(
            @Option(description = "the secret itself; a file is safer", secret = true)
                    Optional<String> data,
            @Option(description = "a file whose whole content is the secret") Optional<Path> file,
            @Option(description = "how it is written there", defaultValue = "raw") Format format) {
        /** Checks that there is one source. */
        public Options {
            if (data.isPresent() == file.isPresent()) {
                throw new IllegalArgumentException("Either 'file' or 'data' must be provided");
            }
        }

        /** Without the data, so that no log can show it. */
        @Override
        public String toString() {
            return "secret from " + file.map(Path::toString).orElse("data");
        }
    }

    @Override
    public Class<Options> optionsType() {
        return Options.class;
    }

    @Override
    public Class<? extends BlockObject> contract() {
        return Secret.class;
    }

    @Override
    public BlockObject create(ObjectContext context, Options options) throws BlockException {
        byte[] given =
                options.file().isPresent()
                        ? content(options.file().get())
                        : options.data().orElseThrow().getBytes(StandardCharsets.UTF_8);
        if (options.format() == Format.RAW) {
            return new StoredSecret(given);
        }
        String text = new String(given, StandardCharsets.ISO_8859_1);
        Arrays.fill(given, (byte) 0);
        return new StoredSecret(
                decoded(text.strip()).orElseThrow(() -> notBase64(context.id(), options)));
    }

    /** Empty if it is not base64; the decoder's own message would name a part of the secret. */
    private static Optional<byte[]> decoded(String text) {
        try {
            return Optional.of(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static BlockException notBase64(String id, Options options) {
        return new BlockException(
                Reason.INVALID,
                "The "
                        + options.file().map(file -> "content of '" + file + "'").orElse("data")
                        + " of secret '"
                        + id
                        + "' is not base64; use format=raw, or encode it");
    }

    private static byte[] content(Path file) throws BlockException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(MAXIMUM_LENGTH + 1);
            if (content.length > MAXIMUM_LENGTH) {
                throw new BlockException(
                        Reason.INVALID, "'" + file + "' is no secret: it is longer than 1 MiB");
            }
            return content;
        } catch (IOException e) {
            throw new BlockException(
                    e instanceof AccessDeniedException ? Reason.DENIED : Reason.FAILED,
                    "Failed to read '" + file + "': " + why(e),
                    e);
        }
    }

    private static String why(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "No such file or directory";
        }
        if (e instanceof AccessDeniedException) {
            return "Permission denied";
        }
        boolean named = e instanceof FileSystemException f && f.getReason() != null;
        return named ? ((FileSystemException) e).getReason() : e.getMessage();
    }

    /** A secret, overwritten when it is closed. */
    private static final class StoredSecret implements Secret {
        private final byte[] data;

        StoredSecret(byte[] data) {
            this.data = data;
        }

        @Override
        public synchronized byte[] data() {
            return data.clone();
        }

        @Override
        public synchronized void close() {
            Arrays.fill(data, (byte) 0);
        }
    }
}
