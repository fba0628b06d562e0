package io.diskport.nbd.server;

import io.diskport.api.options.ObjectRef;
import io.diskport.api.options.Option;
import io.diskport.nbd.protocol.Nbd;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The options of an export of type nbd, beside those that all exports have.
 *
 * @param server the listener that offers it
 * @param name what clients ask for
 * @param description for clients that list exports
 * @param bitmaps dirty bitmaps that clients may ask for: none, as there are none
 * @param allocationDepth whether clients may ask which layer holds the data
 * @param growable whether clients may change the length
 * @param tlsRequired whether it is for clients that use TLS only, on a server that does not insist
 */
public record NbdExportOptions(
        @Option(
                        description =
                                "the nbd-server that offers it; the only one where none is given",
                        onlyOne = true)
                ObjectRef<NbdServer> server,
        @Option(description = "what clients ask for; the node's name where none is given")
                Optional<String> name,
        @Option(description = "shown to clients that list exports") Optional<String> description,
        @Option(description = "dirty bitmaps to offer; there are none, so an empty list")
                List<String> bitmaps,
        @Option(
                        description =
                                "let clients ask which layer holds the data"
                                        + " (qemu:allocation-depth)",
                        defaultValue = "off")
                boolean allocationDepth,
        @Option(description = "let clients change the length", defaultValue = "off")
                boolean growable,
        @Option(
                        description =
                                "only for clients that use TLS (with tls-required=off of the"
                                        + " server)",
                        defaultValue = "off")
                boolean tlsRequired) {
    /** Checks the texts. */
    public NbdExportOptions {
        name.ifPresent(text -> check("name", "export name", text));
        description.ifPresent(text -> check("description", "description", text));
        bitmaps = List.copyOf(bitmaps);
        if (!bitmaps.isEmpty()) {
            throw new IllegalArgumentException(
                    "Bitmap '" + bitmaps.get(0) + "' is not found: nodes here have none");
        }
    }

    /** In QEMU's words, which tools compare. */
    private static void check(String option, String what, String text) {
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        if (length > Nbd.MAX_STRING) {
            throw new IllegalArgumentException(
                    "%s '%s' too long: it has %d bytes; option '%s' takes %d at the most"
                            .formatted(what, text, length, option, Nbd.MAX_STRING));
        }
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "Option '" + option + "' has a NUL character, which NBD does not permit");
        }
    }
}
